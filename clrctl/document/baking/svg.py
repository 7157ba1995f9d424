"""Credentials in SVG files: an element in the namespace of its kind.

A JWS stands in the attribute `verify`, JSON in the element's body as CDATA. The XML parser is told
to fetch nothing; a DOCTYPE is common and harmless, entities are not. A baked file is the same
text with one element more: nothing is written anew.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final
from xml.parsers import expat

from clrctl.document.baking.baked import BAKED, OPEN_BADGES_2, Baked, BakedKind, already, only_one
from clrctl.errors import InputError

LARGEST: Final = 5 * 2**20

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]")
_PROLOG = 2**16
_BY_NAME = {f"{kind.namespace} {kind.element}": kind for kind in BAKED}
_START_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
# XML 1.0, section 2.2 (characters); JSON has the other controls escaped.
_NO_XML = re.compile("[\ufffe\uffff]")


def is_svg(raw: bytes) -> bool:
    """Return whether a file begins as SVG files in UTF-8 do."""
    body = raw.removeprefix(codecs.BOM_UTF8).lstrip()
    return body.startswith(b"<") and _ROOT.search(body, 0, _PROLOG) is not None


def extract(raw: bytes, source: str) -> Baked:
    """Return the credential in an SVG file; see `clrctl.document.baking.extract`."""
    return only_one(_SvgReader(source).read(raw).found, source)


def bake(raw: bytes, text: bytes, kind: BakedKind, source: str) -> bytes:
    """Return an SVG file with a credential behind its start tag; see `baking.bake`."""
    reader = _SvgReader(source).read(raw)
    for found in reader.found:
        raise already(found, source)
    if reader.encoding.lower() not in ("utf-8", "us-ascii"):
        raise InputError(
            f"the picture is written in {reader.encoding}",
            where=source,
            why="a credential is UTF-8, and one file has one encoding",
            fix="save the picture as UTF-8",
        )
    tag = _START_TAG.match(raw, reader.root_at)
    if tag is None or tag[0].endswith(b"/>"):
        raise InputError(
            "the picture is empty", where=source, fix="name a picture that shows something"
        )
    return raw[: tag.end()] + _element(text, kind, source) + raw[tag.end() :]


def line_ends(text: bytes) -> bytes:
    """Return a text with the line ends that every XML reader makes of others (section 2.11)."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _element(text: bytes, kind: BakedKind, source: str) -> bytes:
    tag = f"{kind.prefix}:{kind.element}"
    start = f'<{tag} xmlns:{kind.prefix}="{kind.namespace}"'
    if not text.lstrip().startswith(b"{"):
        return f'{start} verify="{text.decode().strip()}"></{tag}>'.encode()
    if _NO_XML.search(text.decode()):
        raise InputError(
            "the credential holds a character that XML cannot",
            where=source,
            why="U+FFFE or U+FFFF",
            fix="bake it into a PNG picture",
        )
    # The mark that ends CDATA is divided between two sections.
    body = line_ends(text).replace(b"]]>", b"]]]]><![CDATA[>")
    return start.encode() + b"><![CDATA[" + body + f"]]></{tag}>".encode()


class _SvgReader:
    """One pass over an SVG file.

    Attributes:
        found: the credentials in it.
        root_at: offset in bytes of the outermost start tag.
        encoding: what the file is written in.
    """

    def __init__(self, source: str) -> None:
        self.found: list[Baked] = []
        self.root_at = 0
        self.encoding = "UTF-8"
        self._source = source
        self._depth = 0
        self._kind: BakedKind | None = None
        self._inside = 0
        self._verify = ""
        self._plain: list[str] = []
        self._marked: list[str] = []
        self._has_marked = False
        self._in_marked = False

    def read(self, raw: bytes) -> _SvgReader:
        """Take a file.

        Raises:
            InputError: it is too large, no good XML or no SVG, or uses entities.
        """
        if len(raw) > LARGEST:
            raise InputError(
                f"the picture is larger than {LARGEST // 2**20} MiB",
                where=self._source,
                fix="simplify the picture, or use a PNG",
            )
        parser = self._parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = self._start_marked
        parser.EndCdataSectionHandler = self._end_marked
        try:
            parser.Parse(raw, True)
        except expat.ExpatError as error:
            raise InputError(
                "the SVG file is damaged",
                where=f"{self._source}:{error.lineno}:{error.offset + 1}",
                why=expat.ErrorString(error.code),
                fix="download it again, as a whole",
            ) from None
        return self

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding or self.encoding

    def _entity(self, *_: Any) -> None:
        raise InputError(
            "the SVG file uses XML entities",
            where=f"{self._source}:{self._parser.CurrentLineNumber}",
            why="entities can mean other files or for text without end: they are not read",
            fix="save it as plain SVG",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.root_at = self._parser.CurrentByteIndex
            if name.rpartition(" ")[2] != "svg":
                raise InputError("this is XML, but no SVG picture", where=self._source)
        if self._kind is None and name in _BY_NAME:
            self._kind, self._inside = _BY_NAME[name], self._depth
            self._verify = attributes.get("verify", "").strip()
            self._plain, self._marked, self._has_marked = [], [], False

    def _characters(self, text: str) -> None:
        if self._kind is not None:
            (self._marked if self._in_marked else self._plain).append(text)

    def _start_marked(self) -> None:
        self._in_marked = self._has_marked = True

    def _end_marked(self) -> None:
        self._in_marked = False

    def _end(self, _: str) -> None:
        if self._kind is not None and self._depth == self._inside:
            self.found.append(Baked(self._kind, self._text().encode()))
            self._kind = None
        self._depth -= 1

    def _text(self) -> str:
        """Return what the element holds: the body, or what `verify` says."""
        plain = "".join(self._plain)
        body = "".join(self._marked) if self._has_marked and not plain.strip() else plain.strip()
        # In Open Badges 2.0 the attribute is always there, and says how to verify the body.
        if body.strip() and self._verify and self._kind is not OPEN_BADGES_2:
            raise InputError(
                "the credential occurs twice in the picture",
                where=self._source,
                why="in the attribute verify and in the element; readers would take different ones",
                fix="ask its issuer for a picture with one of them",
            )
        text = body if body.strip() else self._verify
        if not text:
            raise InputError("the credential in the picture is empty", where=self._source)
        return text
