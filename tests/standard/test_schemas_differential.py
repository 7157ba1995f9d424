"""Our schemas against the published ones, over thousands of credentials broken at random.

Two promises: what ours accept, the published ones accept; and where only ours refuse, every
finding names the rule that makes them stricter. The published schemas are read from the folder
named by CLRCTL_REFERENCE.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from clrctl.document.members import types_of
from clrctl.finding import Json
from clrctl.standard import classes, schemas
from tests.explained import COMPLETE, found
from tests.mutations import mutants

REFERENCE = os.environ.get("CLRCTL_REFERENCE", "")
SAMPLES = Path(__file__).parents[2] / "samples"
MUTANTS_PER_SEED = 400
EXPLAINED = 300

pytestmark = pytest.mark.skipif(
    not REFERENCE, reason="CLRCTL_REFERENCE names no folder with the published schemas"
)

# Class of the outermost object: the schema's name in both sets.
NAMES = {
    "ClrCredential": "clrcredential",
    "AchievementCredential": "achievementcredential",
    "EndorsementCredential": "endorsementcredential",
    "Profile": "profile",
}


@functools.cache
def published(name: str) -> Any:
    file = Path(REFERENCE, "schemas", f"clr_v2p0_{name}_schema.json")
    schema = orjson.loads(file.read_bytes())
    return jsonschema_rs.validator_for(schema, validate_formats=True, offline=True)


def published_accepts(document: Json, cls: str) -> bool:
    """Ask the published schema of the document, and those of the credentials in it."""
    return published(NAMES[cls]).is_valid(document) and all(
        published_accepts(item, nested)
        for item in bundled(document)
        if (nested := class_of(item)) in NAMES
    )


def bundled(document: Json) -> Iterator[Json]:
    subject = document.get("credentialSubject") if isinstance(document, dict) else None
    held = subject.get("verifiableCredential") if isinstance(subject, dict) else None
    yield from held if isinstance(held, list) else [held]


def class_of(credential: Json) -> str | None:
    declared = types_of(credential)
    return next((cls for name, cls in classes.NESTED_CLASSES.items() if name in declared), None)


def ours_file(cls: str) -> str:
    return f"clr/{NAMES[cls]}.json"


def unnamed(document: Json, cls: str) -> list[tuple[str, str]]:
    """Return our findings that do not name a rule of `schemas/rules.json`."""
    findings = found(ours_file(cls), document)
    assert findings, "the two engines disagree"
    return [finding for finding in findings if finding[1] not in schemas.schema_rules()]


def seeds() -> Iterator[tuple[str, str, Json]]:
    """Yield name, class and content of every document to start from.

    The endorsements and profiles inside the credentials count as documents of their own.
    """
    known: set[bytes] = set()
    for path in files():
        document = orjson.loads(path.read_bytes())
        if (cls := class_of(document)) is None:
            continue
        nodes = classes.grow(document, cls).nodes
        parts = [(name, node.value) for name in NAMES for node in nodes.get(name, ())]
        for index, (name, value) in enumerate([(cls, document), *parts]):
            text = orjson.dumps(value)
            if text not in known:
                known.add(text)
                yield f"{path.name}#{index}", name, value


def files() -> Iterable[Path]:
    reference = Path(REFERENCE)
    return itertools.chain(
        [Path(__file__).parents[1] / "data" / "complete.clr.json"],
        sorted(SAMPLES.glob("*.json")),
        sorted(reference.glob("samples/*/*.json")),
        sorted(reference.glob("build-examples/*/*.clr.json")),
    )


def test_ours_are_never_laxer_and_where_stricter_they_name_the_rule() -> None:
    laxer, stricter, judged = [], [], 0
    for number, (seed, cls, document) in enumerate(seeds()):
        ours = schemas.fast_validator(ours_file(cls))
        variants = mutants(document, MUTANTS_PER_SEED, number)
        for change, variant in itertools.chain([("as it is", document)], variants):
            judged += 1
            accepted = ours.is_valid(variant)
            if accepted and not published_accepts(variant, cls):
                laxer.append(f"{seed}: {change}")
            elif not accepted and published_accepts(variant, cls):
                stricter.append((f"{seed}: {change}", cls, variant))
    step = max(1, len(stricter) // EXPLAINED)
    nameless = [
        f"{where}: {finding}"
        for where, cls, variant in stricter[::step]
        for finding in unnamed(variant, cls)
    ]

    assert laxer == []
    assert nameless == []
    assert judged >= 20_000
    assert len(stricter) >= EXPLAINED


def test_the_published_ones_accept_what_they_are_known_to_accept() -> None:
    """Guards the judge: were it deaf, everything above would pass."""
    zoneless = COMPLETE | {"validFrom": "2025-06-30T12:00:00"}

    assert published_accepts(COMPLETE, "ClrCredential")
    assert published_accepts(COMPLETE | {"name": {"en": "Transcript"}}, "ClrCredential")
    assert not published_accepts(zoneless, "ClrCredential")
