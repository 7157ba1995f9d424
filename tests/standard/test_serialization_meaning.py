"""Formatting keeps the meaning: by plain data for any variant, by JSON-LD where PyLD is there."""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clrctl.document.parsing import parse
from clrctl.standard import classes, schemas
from clrctl.standard.serialization.layout import Style
from clrctl.standard.serialization.strict import format_document, required

ROOT = Path(__file__).parents[2]
COMPLETE = json.loads((Path(__file__).parents[1] / "data" / "complete.clr.json").read_bytes())
SAMPLES = sorted(ROOT.glob("samples/*.clr.json"))
CASES = Path(__file__).parents[1] / "data" / "cases" / "fmt"
BLANKS = ("", "", "", " ", "\n", "\t", "\r\n", "  ")
KEYWORDS = ("@context", "id", "type")


def formatted(text: str, *, style: Style = Style.LINES, signed_too: bool = False) -> str:
    document = parse(text.encode())
    assert document.faults == ()
    return format_document(document, style=style, signed_too=signed_too).text.decode()


class Untidy:
    """Writes the same credential in one of the many ways that somebody might have."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def text(self, data: Any) -> str:
        grown = classes.grow(data, schemas.select(data)[0].types[0])
        self._classes = {id(node.value): node.cls for node in grown.everything()}
        return self._value(data) + self._blank()

    def _value(self, value: Any) -> str:
        if isinstance(value, dict):
            return self._joined("{}", self._members(value))
        if isinstance(value, list):
            if len(value) == 1 and self._rng.random() < 0.4:
                return self._value(value[0])
            return self._joined("[]", [self._value(item) for item in value])
        if isinstance(value, str):
            return f'"{"".join(map(self._char, value))}"'
        text = json.dumps(value)
        if isinstance(value, float) and self._rng.random() < 0.5:
            text = self._rng.choice((text + "0", text + "e0", text + "00E+0"))
        return text

    def _members(self, value: dict[str, Any]) -> list[str]:
        members = {name: self._value(item) for name, item in value.items()}
        if cls := self._classes.get(id(value)):
            kept = (*value, *KEYWORDS, *required(cls))
            known = [name for name in classes.members(cls) if name not in kept]
            for name in self._rng.sample(known, min(len(known), self._rng.randrange(3))):
                members[name] = (
                    "null" if name == "allowedValue" else self._rng.choice(("null", "[]", "[ ]"))
                )
        pairs = list(members.items())
        self._rng.shuffle(pairs)
        return [f"{self._value(name)}{self._blank()}:{self._blank()}{text}" for name, text in pairs]

    def _joined(self, brackets: str, parts: list[str]) -> str:
        inner = ",".join(f"{self._blank()}{part}{self._blank()}" for part in parts)
        return f"{brackets[0]}{self._blank()}{inner}{brackets[1]}"

    def _char(self, char: str) -> str:
        if self._rng.random() < 0.05 and ord(char) < 0xD800:
            return f"\\u{ord(char):04x}"
        return json.dumps(char, ensure_ascii=False)[1:-1]

    def _blank(self) -> str:
        return self._rng.choice(BLANKS)


def plain(value: Any) -> Any:
    """Return data in which only what formatting may not change makes a difference."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if item not in (None, [])}
    if isinstance(value, list):
        # A list of one and its only value are alike, and so the two take one form here.
        items = [plain(item) for item in value]
        return items[0] if len(items) == 1 else items
    return value


def with_lexemes(text: str) -> Any:
    """Parse, with numbers as they are written."""
    return json.loads(text, parse_float="number {}".format, parse_int="number {}".format)


def signed_objects(text: str) -> list[str]:
    """Return the text of each object with a proof that lies in no other."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while (at := text.find("{", at)) >= 0:
        value, end = decoder.raw_decode(text, at)
        if value.get("proof"):
            found.append(text[at:end])
            at = end
        at += 1
    return found


def without(name: str, value: Any) -> Any:
    """Return data without the members of one name."""
    if isinstance(value, dict):
        return {key: without(name, item) for key, item in value.items() if key != name}
    return [without(name, item) for item in value] if isinstance(value, list) else value


def without_foreign_contexts(value: Any) -> Any:
    """Return data with the published contexts only."""
    if isinstance(value, list):
        return [without_foreign_contexts(item) for item in value]
    if not isinstance(value, dict):
        return value
    rest = {key: without_foreign_contexts(item) for key, item in value.items()}
    if isinstance(rest.get("@context"), list):
        rest["@context"] = [item for item in rest["@context"] if "school.example" not in str(item)]
    return rest


def variants(data: Any) -> st.SearchStrategy[str]:
    return st.integers(0, 2**32).map(lambda seed: Untidy(random.Random(seed)).text(data))  # noqa: S311


UNSIGNED = without("proof", COMPLETE)
# Without contexts of its own, under which less is known to mean nothing.
STANDARD = without_foreign_contexts(UNSIGNED)
# As it comes from a publisher: what is bundled is signed, the record is not.
PARTLY_SIGNED = {name: item for name, item in COMPLETE.items() if name != "proof"}
relaxed = settings(max_examples=25, deadline=None)


@relaxed
@given(text=variants(UNSIGNED), style=st.sampled_from(Style))
def test_any_variant_says_the_same_and_is_formatted_once_for_all(text: str, style: Style) -> None:
    once = formatted(text, style=style)
    assert plain(with_lexemes(once)) == plain(with_lexemes(text))
    assert formatted(once, style=style) == once


@relaxed
@given(text=variants(STANDARD))
def test_all_variants_become_the_same_lists_and_members_in_the_same_order(text: str) -> None:
    def in_order(value: str) -> Any:
        return json.loads(formatted(value), object_pairs_hook=list)

    assert in_order(text) == in_order(json.dumps(STANDARD))


@relaxed
@given(text=variants(PARTLY_SIGNED))
def test_what_is_signed_keeps_every_byte(text: str) -> None:
    signed = signed_objects(text)
    assert len(signed) >= 3
    once = formatted(text)
    assert sorted(signed_objects(once)) == sorted(signed)
    assert plain(with_lexemes(once)) == plain(with_lexemes(text))
    assert formatted(once) == once


@pytest.fixture(scope="module")
def rdf() -> Callable[[Any], str]:
    """Return a function from data to canonical N-Quads, where PyLD and the contexts are there."""
    import os

    folder = os.environ.get("CLRCTL_REFERENCE")
    if not folder:
        pytest.skip("CLRCTL_REFERENCE does not name the folder of published material")
    try:
        jsonld = importlib.import_module("pyld.jsonld")
    except ImportError:
        pytest.skip("PyLD is not installed")
    known = {url: json.loads((Path(folder) / "contexts" / f).read_bytes()) for url, f in FILES}
    known["https://school.example/context.json"] = {"@context": {"badge": "urn:example:badge"}}

    def load(url: str, _: Any) -> Any:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "contentType": "application/ld+json",
            "document": known[url],
        }

    def canonical(data: Any) -> str:
        quads = jsonld.normalize(
            data,
            {
                "algorithm": "URDNA2015",
                "format": "application/n-quads",
                "documentLoader": load,
            },
        )
        return str(quads)

    return canonical


_1EDTECH, _W3ID = "https://purl.imsglobal.org/spec/", "https://w3id.org/security/"
FILES = (
    ("https://www.w3.org/ns/credentials/v2", "credentials-v2.jsonld"),
    ("https://www.w3.org/2018/credentials/v1", "2018-credentials-v1.jsonld"),
    (_1EDTECH + "clr/v2p0/context-2.0.1.json", "clr-v2p0-2.0.1.json"),
    (_1EDTECH + "clr/v2p0/context.json", "clr-v2p0.json"),
    (_1EDTECH + "ob/v3p0/context-3.0.1.json", "ob-v3p0-3.0.1.json"),
    (_1EDTECH + "ob/v3p0/context-3.0.2.json", "ob-v3p0-3.0.2.json"),
    (_1EDTECH + "ob/v3p0/context-3.0.3.json", "ob-v3p0-3.0.3.json"),
    (_1EDTECH + "ob/v3p0/context.json", "ob-v3p0.json"),
    (_1EDTECH + "ob/v3p0/extensions.json", "ob-v3p0-extensions.json"),
    (_W3ID + "data-integrity/v1", "data-integrity-v1.jsonld"),
    (_W3ID + "suites/ed25519-2020/v1", "security-suites-ed25519-2020-v1.jsonld"),
    (_W3ID + "suites/jws-2020/v1", "suites-jws-2020.jsonld"),
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_keeps_its_rdf(rdf: Callable[[Any], str], path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    quads = rdf(json.loads(text))
    assert quads.count("\n") > 20
    assert rdf(json.loads(formatted(text))) == quads


def test_the_published_samples_keep_their_rdf_signed_ones_too(
    reference: Path, rdf: Callable[[Any], str]
) -> None:
    changed = 0
    for path in sorted(reference.glob("samples/*/*.json")):
        # These two name contexts that were never published.
        if path.name in ("simple-noproof.json", "simple_old_safesigned.json"):
            continue
        text = path.read_bytes().decode()
        for signed_too in (False, True):
            once = formatted(text, signed_too=signed_too)
            assert rdf(json.loads(once)) == rdf(json.loads(text)), path
            assert formatted(once, signed_too=signed_too) == once, path
            changed += once != text
    assert changed >= 20


@relaxed
@given(text=variants(COMPLETE) | variants(PARTLY_SIGNED), signed_too=st.booleans())
def test_any_variant_keeps_its_rdf(rdf: Callable[[Any], str], text: str, signed_too: bool) -> None:
    once = formatted(text, signed_too=signed_too)
    quads = rdf(json.loads(text))
    assert quads.count("\n") > 150
    assert rdf(json.loads(once)) == quads


@pytest.mark.parametrize("name", ["foreign", "lists", "lexemes", "order", "signed"])
def test_a_case_keeps_its_rdf(rdf: Callable[[Any], str], name: str) -> None:
    text = (CASES / f"{name}.in.json").read_text(encoding="utf-8")
    assert rdf(json.loads(formatted(text))) == rdf(json.loads(text))


@pytest.mark.parametrize(
    "context",
    [
        {"tag": {"@id": "https://school.example/tag", "@type": "@json"}},
        {"tag": {"@id": "https://school.example/tag", "@container": "@id"}},
    ],
)
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("tag", ['"one"', '{"urn:example:a": {}}', "null"])
def test_a_context_of_its_own_may_give_a_lone_value_another_meaning(
    rdf: Callable[[Any], str], context: Any, tag: str, alone: bool
) -> None:
    standard = ["https://www.w3.org/ns/credentials/v2", FILES[6][0]]
    links = {key: {"@id": "urn:example:link"} for key in ("credentialSubject", "achievement")}
    contexts = {**context, **links} if alone else [*standard, context]
    text = (
        f'{{"@context": {json.dumps(contexts)}, "type": ["OpenBadgeCredential"],'
        f'"credentialSubject": {{"type": "AchievementSubject", "achievement": {{"tag": {tag}}}}}}}'
    )
    assert rdf(json.loads(formatted(text))) == rdf(json.loads(text))


@pytest.mark.parametrize("broken", ["tag", "allowedValue", "name"])
def test_the_judge_of_meaning_sees_a_lost_value(rdf: Callable[[Any], str], broken: str) -> None:
    assert rdf(without(broken, UNSIGNED)) != rdf(UNSIGNED)
