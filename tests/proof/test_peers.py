"""Whatever is accepted here, PyLD and jsonld.js bring into the same form."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from clrctl.proof.faults import DataLoss
from clrctl.proof.forms import nquads
from clrctl.proof.jsonld import facts
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.jsonld.expand import dataset
from clrctl.proof.rdfc import canonicalize
from tests import badges, published

KNOWN = {url: facts.context(url) for url in facts.urls()}
SAFE = Path(__file__).parents[1] / "data" / "jsonld_safe.mjs"
MANY = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
KNOWN_NAME = {"name": "https://schema.org/name"}
Ask = Callable[[Any], Any]


def form(document: Any) -> str | None:
    """Return the canonical form; None where something would drop out."""
    try:
        return "".join(nquads(document, Contexts.built_in()))
    except DataLoss:
        return None


@given(badges.documents())
@MANY
def test_pyld_gives_the_same(document: Any) -> None:
    ours = form(document)
    assert ours is None or ours == published.judge(KNOWN)(document)


@pytest.fixture(scope="module")
def jsonld_js() -> Iterator[Ask]:
    """Return a function that asks jsonld.js in safe mode, where it is installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    with subprocess.Popen(
        [node, SAFE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:

        def ask(value: Any) -> Any:
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(value).encode() + b"\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        try:
            ask({"contexts": KNOWN})
        except (OSError, ValueError):
            process.kill()
            pytest.skip("jsonld.js is not installed: npm install jsonld, and name it by NODE_PATH")
        yield ask
        process.kill()


@given(document=badges.documents(oddities=3))
@MANY
def test_jsonld_js_gives_the_same_and_accepts_no_less(jsonld_js: Ask, document: Any) -> None:
    ours = form(document)
    if ours is not None:
        quads = dataset(document, Contexts.built_in())
        others = ["".join(lines) for lines in canonicalize(quads).others.values()]
        assert jsonld_js(document)["nquads"] in (ours, *others)


def test_javascript_sorts_by_other_units(jsonld_js: Ask) -> None:
    """The reason for `others`: an emoji before a character of the last plane but two."""
    document = {"@context": KNOWN_NAME, "name": ["\U0001f393 Ash", "\uff21sh"]}
    found = canonicalize(dataset(document, Contexts.built_in()))
    assert jsonld_js(document) == {"nquads": "".join(found.others["order"])}


@given(document=badges.documents(oddities=1))
@MANY
def test_jsonld_js_refuses_what_is_refused_here(jsonld_js: Ask, document: Any) -> None:
    """All but the features of JSON-LD that are not read here."""
    text = json.dumps(document)
    if form(document) is None and not any(name in text for name in ("@set", "@graph", "@index")):
        assert "error" in jsonld_js(document)
