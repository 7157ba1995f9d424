"""A gallery of real mistakes: each is told once, in its place, in words that help to mend it.

The mistakes stand in `gallery/*.yaml`, made in the record of `gallery/base.yaml`. A case says
what is changed and what is found; its `mend` does what the fix says, where the fix leaves a
choice. Other fixes are taken at their word.
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.checking import validation
from clrctl.checking.codes import all_codes
from clrctl.document.parsing import parse
from clrctl.finding import Finding, Json, pointer
from tests.mutations import at

GALLERY = Path(__file__).parents[1] / "data" / "gallery"
BASE = parse((GALLERY / "base.yaml").read_bytes(), syntax="yaml").data

BADGE = ("credentialSubject", "verifiableCredential", 0)
LEARNER = (*BADGE, "credentialSubject")
PLACES: dict[str, tuple[str | int, ...]] = {
    "clr": (),
    "issuer": ("issuer",),
    "image": ("issuer", "image"),
    "status": ("credentialStatus",),
    "subject": ("credentialSubject",),
    "identity": ("credentialSubject", "identifier", 0),
    "association": ("credentialSubject", "association", 0),
    "badge": BADGE,
    "proof": (*BADGE, "proof", 0),
    "learner": LEARNER,
    "achievement": (*LEARNER, "achievement"),
    "description": (*LEARNER, "achievement", "resultDescription", 0),
    "result": (*LEARNER, "result", 0),
}


@dataclass(frozen=True)
class Case:
    """One mistake, as its file tells it."""

    file: str
    told: dict[str, Any]

    @property
    def raw(self) -> bytes:
        if "text" in self.told:
            return str(self.told["text"]).encode()
        if "base64" in self.told:
            return base64.b64decode(self.told["base64"])
        return orjson.dumps(self.data, option=orjson.OPT_INDENT_2)

    @property
    def data(self) -> Json:
        return self.told["document"] if "document" in self.told else patched(BASE, self.told)


def cases() -> list[Any]:
    found = []
    for file in sorted(GALLERY.glob("*.yaml")):
        document = parse(file.read_bytes(), syntax="yaml", source=file.name)
        assert not document.faults, document.faults
        if isinstance(document.data, list):
            found += [
                pytest.param(Case(file.stem, told), id=f"{file.stem}: {told['mistake']}")
                for told in document.data
            ]
    return found


CASES = cases()
MADE = [case for case in CASES if case.values[0].file != "other"]


def path_of(place: str) -> tuple[str | int, ...]:
    head, *rest = place.split("/")
    return (*PLACES[head], *(int(step) if step.isdigit() else step for step in rest))


def patched(data: Json, patch: dict[str, Any]) -> Json:
    """Return the data with what a case or its mend changes."""
    data = copy.deepcopy(data)
    for place, value in patch.get("set", {}).items():
        put(data, path_of(place), value)
    for place in patch.get("restore", []):
        put(data, path_of(place), at(BASE, path_of(place)))
    for place in patch.get("remove", []):
        *around, last = path_of(place)
        del at(data, tuple(around))[last]
    for place in patch.get("wrap", []):
        put(data, path_of(place), [at(data, path_of(place))])
    for place in patch.get("unwrap", []):
        put(data, path_of(place), at(data, path_of(place))[0])
    for place, name in patch.get("rename", {}).items():
        rename(data, path_of(place), name)
    return data


def put(data: Json, path: tuple[str | int, ...], value: Json) -> None:
    around = at(data, path[:-1])
    if isinstance(around, list) and path[-1] == len(around):
        around.append(copy.deepcopy(value))
    else:
        around[path[-1]] = copy.deepcopy(value)


def rename(data: Json, path: tuple[str | int, ...], name: str) -> None:
    members = at(data, path[:-1])
    renamed = {name if old == path[-1] else old: value for old, value in members.items()}
    members.clear()
    members.update(renamed)


def found_in(raw: bytes) -> tuple[Finding, ...]:
    return validation.check(parse(raw)).findings


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_once_in_its_place_and_words(case: Case) -> None:
    told = [
        {"place": f.pointer, "code": f.code, "says": f.message, "fix": f.fix}
        for f in found_in(case.raw)
    ]

    expected = {name: case.told[name] for name in ("code", "says", "fix")}
    assert told == [{"place": pointer(path_of(case.told["place"]))} | expected]


@pytest.mark.parametrize("case", MADE)
def test_what_the_fix_says_mends_the_mistake(case: Case) -> None:
    (finding,) = found_in(case.raw)
    mended = patched(case.data, case.told["mend"]) if "mend" in case.told else taken(case, finding)

    assert found_in(orjson.dumps(mended)) == ()


def taken(case: Case, finding: Finding) -> Json:
    """Return the data after doing what the fix says, word by word."""
    data = copy.deepcopy(case.data)
    steps = [step.replace("~1", "/").replace("~0", "~") for step in finding.pointer.split("/")[1:]]
    path = tuple(int(step) if step.isdigit() else step for step in steps)
    value = None if finding.at_key else at(data, path)
    for pattern, change in AT_THEIR_WORD.items():
        if match := re.match(pattern, finding.fix):
            if finding.at_key:
                rename(data, path, match[1])
            elif (new := change(value, match, finding)) is None:
                del at(data, path[:-1])[path[-1]]
            elif path:
                put(data, path, new)
            return data
    raise AssertionError(f"needs a mend: {finding.fix}")


Change = Callable[[Any, re.Match[str], Finding], Json]

AT_THEIR_WORD: dict[str, Change] = {
    r'(?:did you mean|call it) "([^"]+)"': lambda _, told, __: told[1],
    r"put it in brackets": lambda value, _, __: [value],
    r"take the brackets away": lambda value, _, __: value[0],
    r"put it in quotes": lambda value, _, __: str(value),
    r"write (\S+) without quotes$": lambda _, told, __: orjson.loads(told[1]),
    r"write (\[.*\])$": lambda _, told, __: orjson.loads(told[1]),
    r'(?:write|use) "([^"]+)"': lambda _, told, __: told[1],
    r"write ([0-9]\S+[0-9Z])": lambda _, told, __: told[1],
    r"leave the member out|leave it out": lambda *_: None,
    r'write it instead of "([^"]+)"': lambda value, told, finding: [
        quoted(finding.message) if item == told[1] else item for item in value
    ],
    r'add "([^"]+)" to it': lambda value, told, _: [*value, told[1]],
    r"begin @context with (.*)": lambda _, told, __: orjson.loads(f"[{told[1]}]"),
    r"put (\S+:\S*) before it": lambda value, told, _: told[1] + value,
    r"write the blank as (%20)": lambda value, told, _: value.replace(" ", told[1]),
    r'use the id of its achievement, "([^"]+)"': lambda _, told, __: told[1],
}


def quoted(message: str) -> str:
    return re.findall(r'"([^"]+)"', message)[0]


def test_the_record_that_the_mistakes_are_made_in_is_without_any() -> None:
    assert found_in(orjson.dumps(BASE)) == ()


JARGON = re.compile(
    r"oneOf|anyOf|additionalProperties|does not match|schema|regex|pattern|instance"
)
CODES = {entry.code for entry in all_codes()}


@pytest.mark.parametrize("case", CASES)
def test_messages_are_short_and_plain(case: Case) -> None:
    for finding in found_in(case.raw):
        assert finding.code in CODES
        for text in filter(None, (finding.message, finding.fix)):
            assert not JARGON.search(text)
            assert not text.endswith(".") or text.endswith("...")
        assert not re.match(r"[A-Z][a-z]", finding.message)
        assert 0 < len(finding.message) <= 160


@pytest.mark.parametrize("case", MADE)
def test_no_message_repeats_what_is_personal(case: Case) -> None:
    personal = ("Kim", "kim", "0041877", "office@", "Hillside School", "Hill Road", "2007")
    for finding in found_in(case.raw):
        shown = finding.message + finding.fix.replace("2007-03-14", "")
        assert not [word for word in personal if word in shown]


def test_there_are_enough_of_them() -> None:
    """Guards the loader: files that are not found would pass in silence."""
    assert len(CASES) >= 150
