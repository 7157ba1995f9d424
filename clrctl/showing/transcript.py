"""What a credential says, and the forms in which it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from clrctl.finding import Json
from clrctl.showing import as_json
from clrctl.showing.facts import TranscriptFacts
from clrctl.showing.layout import Line
from clrctl.showing.text import TextOptions
from clrctl.showing.text import lines as laid_out


@dataclass(frozen=True, slots=True)
class Transcript(TranscriptFacts):
    """A credential as a transcript: its facts, and the forms in which they are shown."""

    def text(
        self,
        *,
        zone: tzinfo = UTC,
        zone_name: str = "UTC",
        width: int | None = None,
        verbose: bool = False,
    ) -> str:
        """Return it as lines of text.

        Args:
            zone: the zone in which days are given.
            zone_name: what people call it.
            width: columns; None for lines of any length.
            verbose: with ids, criteria, alignments and evidence.
        """
        options = TextOptions(zone, zone_name, width, verbose)
        lines = ("".join(map(_plain, line)).rstrip() for line in self.lines(options))
        return "\n".join(lines) + "\n"

    def lines(self, options: TextOptions, notes: Sequence[tuple[str, str]] = ()) -> Iterator[Line]:
        """Yield the lines with their styles, for a terminal.

        Args:
            options: how they are laid out.
            notes: further facts, each with its label, such as the file or that it is invalid.
        """
        return laid_out(self, options, list(notes))

    def as_object(self) -> dict[str, Json]:
        """Return the facts as JSON (`clrctl.show/1`); moments are as the credential has them."""
        return as_json.as_object(self)


def _plain(part: str | tuple[str, str]) -> str:
    return part if isinstance(part, str) else part[0]
