"""A transcript as the JSON that programs read (`clrctl.show/1`)."""

from __future__ import annotations

from dataclasses import asdict

from clrctl.finding import Json
from clrctl.showing.facts import TranscriptFacts

FORMAT = "clrctl.show/1"


def as_object(transcript: TranscriptFacts) -> dict[str, Json]:
    """Return the facts as JSON; moments are as the credential writes them."""
    found = asdict(transcript)
    awarded = found.pop("awarded")
    found["achievements"] = [
        {"id": id, "name": name, "awarded": id in awarded}
        for id, name in transcript.achievements.items()
    ]
    for award in found["awards"]:
        begins, ends = award["activity"]
        award["activity"] = {"start": begins, "end": ends}
    return found
