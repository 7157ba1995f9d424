"""From the bytes of one document to a `Document`: encoding, syntax, faults and their places.

`parse` is total: any bytes give data or faults, nothing is raised. This module opens nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self, TypeAlias

from clrctl.document import places, strict_json
from clrctl.document.events import EMPTY, Event, Located, ParseFault
from clrctl.document.limits import Limits
from clrctl.document.tree import build, written
from clrctl.errors import InputError
from clrctl.finding import Finding, Json

Syntax: TypeAlias = Literal["json", "yaml"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document as read: its bytes, and its data or what is wrong with it.

    Attributes:
        source: the name it was given by: a path, or `-` for standard input.
        raw: the bytes as read, a byte order mark included; of NDJSON a line without its end.
        syntax: what it was read as.
        data: the document; None when there are faults.
        faults: what is wrong, each with line and column, in document order.
        first_line: line of the source on which it begins.
        payload: what is to be sent: of JSON its own bytes, of YAML the same as JSON text in
            UTF-8, names in their order and numbers as written. Empty when there are faults.
    """

    source: str
    raw: bytes
    syntax: Syntax
    data: Json
    faults: tuple[Finding, ...]
    first_line: int
    payload: bytes

    def readable(self, what: str = "this cannot be read") -> Self:
        """Return the document itself.

        Raises:
            InputError: it has faults; the error names the first of them, under these words.
        """
        for fault in self.faults:
            raise InputError(
                what,
                where=f"{self.source}:{fault.line}:{fault.column}",
                why=f"{fault.code}: {fault.message}",
                fix=fault.fix,
            )
        return self

    def locate(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings, in the order given, with line and column filled in.

        A pointer to nothing takes the place of its nearest existing ancestor. Findings that
        have a line keep it. The text is scanned once for all.
        """
        findings = list(findings)
        try:
            text = decode(self.raw.removeprefix(codecs.BOM_UTF8))
        except Undecodable:
            text = ""

        def mark(root: places.Spot) -> None:
            if self.syntax == "json" and not self.faults:
                strict_json.mark(root, text)
            else:
                places.mark(root, _events(text, self.syntax))

        return places.locate(text, mark, findings, self.first_line)


class _Outcome(NamedTuple):
    syntax: Syntax
    data: Json = None
    faults: tuple[Finding, ...] = ()
    payload: bytes = b""


_BLANK = re.compile(rb"[ \t\r\n]*+")
_LOOKS_LIKE_JSON = re.compile(rb"[ \t\r\n]*+[{\[]")


def parse(
    raw: bytes,
    *,
    source: str = "-",
    syntax: Syntax | None = None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    first_line: int = 1,
) -> Document:
    """Parse the bytes of one document.

    Args:
        raw: UTF-8, with or without a byte order mark.
        source: the name to report it by.
        syntax: what it is; None for JSON when it begins like an object or array, else YAML.
            Good JSON is accepted as YAML too.
        limits: what is larger has a fault.
        first_line: the line of the source on which it begins.
    """
    outcome = _outcome(raw, syntax, limits, first_line)
    return Document(
        source, raw, outcome.syntax, outcome.data, outcome.faults, first_line, outcome.payload
    )


def _outcome(raw: bytes, syntax: Syntax | None, limits: Limits, first_line: int) -> _Outcome:
    body = raw.removeprefix(codecs.BOM_UTF8)
    like_json = syntax == "json" or bool(_LOOKS_LIKE_JSON.match(body))
    failed: Syntax = "json" if like_json and syntax != "yaml" else "yaml"
    if len(raw) > limits.bytes:
        return _failed(failed, "", Located(0, too_large(limits.bytes).at("")), first_line)
    if _BLANK.fullmatch(body):
        return _failed(failed, "", Located(0, EMPTY.at("")), first_line)
    if like_json and (data := strict_json.fast(body, limits)) is not strict_json.UNSURE:
        return _Outcome("json", data, payload=body)
    try:
        text = decode(body)
    except Undecodable as error:
        good = error.good
        return _failed(failed, good, Located(len(good), error.fault.at("")), first_line)
    if like_json:
        outcome = _read_json(body, text, limits, first_line)
        if failed == "json" or not outcome.faults:
            return outcome
    return _read_yaml(text, limits, first_line)


def _failed(syntax: Syntax, text: str, located: Located, first_line: int) -> _Outcome:
    return _Outcome(syntax, faults=places.settle(text, [located], first_line))


def _read_json(body: bytes, text: str, limits: Limits, first_line: int) -> _Outcome:
    tree = build(_events(text, "json"), limits)
    if tree.faults:
        return _Outcome("json", faults=places.settle(text, tree.faults, first_line))
    return _Outcome("json", tree.data, payload=body)


def _read_yaml(text: str, limits: Limits, first_line: int) -> _Outcome:
    parts: list[str] = []
    tree = build(written(_events(text, "yaml"), text, parts), limits)
    if tree.faults:
        return _Outcome("yaml", faults=places.settle(text, tree.faults, first_line))
    return _Outcome("yaml", tree.data, payload="".join(parts).encode())


def _events(text: str, syntax: Syntax) -> Iterator[Event]:
    if syntax == "json":
        return strict_json.scan(text)
    # PyYAML takes longer to import than most documents take to read.
    from clrctl.document import strict_yaml

    return strict_yaml.scan(text)


def too_large(limit: int) -> ParseFault:
    """Return the fault of a document beyond a limit in bytes."""
    size = f"{limit / 2**20:g} MiB" if limit >= 2**20 else f"{limit:,} bytes"
    return ParseFault(
        "parse/size", f"the document is larger than {size}", "give a larger limit by --max-size"
    )


class Undecodable(Exception):
    """Bytes that are not UTF-8: the text before them, and what they may be."""

    def __init__(self, good: str, fault: ParseFault) -> None:
        super().__init__(fault.message)
        self.good = good
        self.fault = fault


_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(body: bytes) -> str:
    """Return the text of UTF-8 without a byte order mark; raises `Undecodable` for all else."""
    if wide := _wide_encoding(body):
        fault = ParseFault(
            "parse/encoding",
            f"the text is {wide}, seen at byte 0; only UTF-8 is read",
            f"save it as UTF-8, for example: iconv -f {wide} -t UTF-8",
        )
        raise Undecodable("", fault)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        start = error.start
    fault = ParseFault(
        "parse/encoding",
        f"byte {start} is not UTF-8",
        "save it as UTF-8; it may be Windows-1252 or Latin-1 now",
    )
    raise Undecodable(body[:start].decode(), fault)


def _wide_encoding(body: bytes) -> str | None:
    """Name the encodings of two or four bytes a character, marked or not."""
    for mark, name in _WIDE_MARKS:
        if body.startswith(mark):
            return name
    # The first character of any document is ASCII, so that its place among zeros tells.
    zeros = [byte == 0 for byte in body[:4]]
    if zeros in ([True, True, True, False], [False, True, True, True]):
        return "UTF-32"
    return "UTF-16" if zeros[:2] in ([True, False], [False, True]) else None
