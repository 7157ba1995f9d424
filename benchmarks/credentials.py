"""CLRs to measure with: as many as wanted, each with as many nested credentials as wanted.

They grow out of samples/transcript.clr.json: every nested credential is one of its results with
ids and a proof of its own (which proves nothing), so that clrctl finds nothing to say.
"""

from __future__ import annotations

import functools
import json
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NESTED = 40


def credential(number: int, nested: int = NESTED) -> dict[str, Any]:
    """Return a CLR; the same for the same number."""
    clr = json.loads(_transcript())
    subject = clr["credentialSubject"]
    every = subject["verifiableCredential"]
    graded = [one for one in every if one["credentialSubject"].get("result")]
    clr["id"] = _urn(f"{number}")
    subject["verifiableCredential"] = [
        _copy(graded[index % len(graded)], f"{number}/{index}") for index in range(nested)
    ]
    subject.pop("association", None)
    subject.pop("achievement", None)
    return clr


@functools.cache
def _transcript() -> bytes:
    return (ROOT / "samples" / "transcript.clr.json").read_bytes()


def _copy(original: dict[str, Any], name: str) -> dict[str, Any]:
    achievement = original["credentialSubject"]["achievement"]["id"]
    text = json.dumps(original).replace(original["id"], _urn(name))
    copy = json.loads(text.replace(achievement, _urn(f"{name}/achievement")))
    issuer = copy["issuer"]["id"] if isinstance(copy["issuer"], dict) else copy["issuer"]
    copy["proof"] = [
        {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": "2025-01-01T00:00:00Z",
            "proofPurpose": "assertionMethod",
            "verificationMethod": f"{issuer}#key",
            "proofValue": "z" + "3FXQjecWufY46yg5abdVZsXqLhxhueuSoZgNSARiKBk9czhSePTFehP8" * 2,
        }
    ]
    return copy


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def folder(place: Path, number: int, nested: int = NESTED) -> Path:
    """Write so many CLRs, one a file, and return their folder."""
    place.mkdir(parents=True)
    for index in range(number):
        text = json.dumps(credential(index, nested), indent=2)
        (place / f"{index:06}.json").write_text(text, encoding="utf-8")
    return place


def lines(place: Path, number: int, nested: int = 1) -> Path:
    """Write so many CLRs, one a line, and return the file."""
    with place.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(credential(index, nested)) + "\n" for index in range(number))
    return place


def bundle(place: Path) -> Path:
    """Write clrctl's schema of CLRs as one file that other validators load, and return it."""
    folder = ROOT / "schemas" / "clr"
    schema = json.loads((folder / "clrcredential.json").read_bytes())
    classes = json.loads((folder / "classes.json").read_bytes())
    schema.setdefault("$defs", {})["classes"] = classes
    place.write_text(json.dumps(schema, indent=1), encoding="utf-8")
    return place
