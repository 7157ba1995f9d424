"""Makes `samples/badges`: badges signed with a key that anybody can make anew.

    python -m tests.making_badges

writes them; the same files come out each time. The key is the SHA-256 digest of a sentence, so
that nothing signed with it means anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clrctl.document import baking
from clrctl.proof import jwt
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys.secret import SecretKey
from clrctl.proof.suites.base import ProofOptions
from clrctl.proof.suites.table import SUITES

SAMPLES = Path(__file__).parent.parent / "samples"
KEY = SecretKey.of("Ed25519", hashlib.sha256(b"a key for sample badges alone").digest())
STUDIO = KEY.public.did
LEARNER = "did:example:perrin-sample"
CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]


def badge(number: int, name: str, criteria: str, **changed: Any) -> dict[str, Any]:
    """Return an unsigned badge of the studio for the learner of the samples."""
    return {
        "@context": CONTEXTS,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "id": f"urn:uuid:5e0c7f3a-1d24-4b68-9c3e-70a1b2c300{number:02}",
        "name": name,
        "issuer": {"type": ["Profile"], "id": STUDIO, "name": "Ember Row Pottery"},
        "validFrom": f"2025-0{number}-14T17:00:00Z",
        **changed,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "id": LEARNER,
            "achievement": {
                "type": ["Achievement"],
                "id": f"https://emberrow.example/badges/{number}",
                "achievementType": "Badge",
                "name": name,
                "description": f"{name}, as it is done at Ember Row.",
                "criteria": {"narrative": criteria},
            },
            **changed.get("credentialSubject", {}),
        },
    }


def signed(credential: dict[str, Any]) -> dict[str, Any]:
    """Return a badge with a proof of eddsa-rdfc-2022."""
    method = f"{STUDIO}#{STUDIO.removeprefix('did:key:')}"
    options = ProofOptions(method, created=credential["validFrom"])
    proof = SUITES["eddsa-rdfc-2022"].create(credential, options, KEY, Contexts.built_in())
    return {**credential, "proof": [proof]}


def text(value: Any) -> bytes:
    """Return JSON as these samples are laid out."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def token(credential: dict[str, Any]) -> bytes:
    """Return a badge as a signed token in the manner of VC Data Model 2.0."""
    claims = {"iss": STUDIO, "jti": credential["id"], "sub": LEARNER}
    return jwt.sign({**credential, **claims}, KEY, header={"typ": "vc+jwt", "kid": STUDIO}).encode()


def files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the contents of each sample."""
    hours = {"creditsEarned": 1.5}
    throwing = signed(
        badge(1, "Throwing on the Wheel", "Ten bowls of one size.", credentialSubject=hours)
    )
    # The number is spelt as a person may spell it: wrapping must not change that.
    written = text(throwing).replace(b'"creditsEarned": 1.5', b'"creditsEarned": 1.50')
    yield "throwing.json", written
    yield "throwing2.json", json.dumps(throwing, separators=(",", ":")).encode()
    glazing = signed(badge(2, "Glazing", "Twelve test tiles, with notes."))
    yield "glazing.png", _baked("crest.png", glazing)
    firing = signed(badge(3, "Firing the Kiln", "Three firings, watched over by a potter."))
    yield "firing.svg", _baked("crest.svg", firing)
    yield (
        "packing.jwt",
        token(badge(4, "Packing the Kiln", "A full kiln, nothing touching.")) + b"\n",
    )
    safety = badge(5, "Studio Safety", "An evening's course.", validUntil="2025-12-31T22:59:59Z")
    yield "safety.json", text(signed(safety))
    other = {"id": "did:example:robin-sample"}
    yield (
        "stranger.json",
        text(
            signed(
                badge(6, "Throwing on the Wheel", "Ten bowls of one size.", credentialSubject=other)
            )
        ),
    )
    old = badge(7, "Hand Building", "A lidded jar without the wheel.")
    old["@context"] = [
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    ]
    old["issuanceDate"] = old.pop("validFrom")
    yield "older.json", text(old)


def _baked(picture: str, credential: dict[str, Any]) -> bytes:
    return baking.bake((SAMPLES / picture).read_bytes(), text(credential), baking.OPEN_BADGES)


if __name__ == "__main__":
    for name, contents in files():
        (SAMPLES / "badges" / name).write_bytes(contents)
