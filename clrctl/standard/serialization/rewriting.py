"""Whole files: one document, or one on each line, before and after formatting.

This module is given what was read; it opens nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clrctl.document import Document
from clrctl.standard.serialization.layout import Style
from clrctl.standard.serialization.strict import Kept, format_document


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """What a file holds, and what it should hold.

    Attributes:
        name: the name it was given by.
        before: the bytes as read; of NDJSON the lines that are not blank, each with a line feed.
        after: the bytes in the strict form.
        kept: the objects left as they are, each with the first line of its document.
    """

    name: str
    before: bytes
    after: bytes
    kept: tuple[tuple[int, Kept], ...]

    @property
    def changed(self) -> bool:
        """Whether formatting makes a difference."""
        return self.before != self.after

    def difference(self) -> Iterator[str]:
        """Yield the lines of a unified diff, without their line feeds; none if nothing changed."""
        before, after = _lines(self.before), _lines(self.after)
        return difflib.unified_diff(
            before, after, self.name, f"{self.name} (formatted)", lineterm=""
        )


def format_file(
    documents: Sequence[Document], *, ndjson: bool = False, signed_too: bool = False
) -> FormattedFile:
    """Format the documents of one file, none of which has faults.

    Args:
        documents: all of the file, in its order; only of NDJSON may there be several.
        ndjson: each document is a line.
        signed_too: see `format_document`.
    """
    style = Style.ONE_LINE if ndjson else Style.LINES
    results = [format_document(one, style=style, signed_too=signed_too) for one in documents]
    before = [document.raw for document in documents]
    after = [result.text for result in results]
    if ndjson:
        before = [raw + b"\n" for raw in before]
        after = [text.removesuffix(b"\n") + b"\n" for text in after]
    kept = [
        (document.first_line, kept)
        for document, result in zip(documents, results, strict=True)
        for kept in result.kept
    ]
    return FormattedFile(documents[0].source, b"".join(before), b"".join(after), tuple(kept))


def _lines(contents: bytes) -> list[str]:
    """Return the lines of a file, marked as `diff` does where the last one has no line feed."""
    lines = contents.decode().split("\n")
    if lines[-1]:
        lines[-1] += "\n\\ No newline at end of file"
        return lines
    return lines[:-1]
