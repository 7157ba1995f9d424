"""The credentials that an endpoint holds, page by page (CLR 2.0 API, getCredentials).

Each credential is handed on in the bytes in which the server sent it. This module knows neither
how it is shown nor where it is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlencode, urljoin

import orjson

from clrctl import http
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json
from clrctl.http import Answer
from clrctl.sending.auth import Credentials, Session
from clrctl.sending.client import imsx
from clrctl.sending.endpoints import Endpoint
from clrctl.util import base64url

PAGE: Final = 100
_LONGEST: Final = 256 * 2**20
_DECODER: Final = json.JSONDecoder()
_BLANKS: Final = (" ", "\t", "\r", "\n")
_SIGNED: Final = ("compactJwsString", "compactJwsStrings")  # by the schema, and by its examples
_T = TypeVar("_T")
# JSON texts hold line ends and tabs between their parts only, never within them.
_BREAK: Final = re.compile(r"[ \t]*[\t\r\n][ \t\r\n]*")
# Line ends of a server that indents its list are followed by more blanks.
_LINE_END: Final = re.compile(r"\r?\n(?=[,\]])")
_LINK: Final = re.compile(r'<([^>]*)>((?:\s*;\s*[\w*]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_PARAMETER: Final = re.compile(r';\s*([\w*]+)\s*=\s*(?:"([^"]*)"|([^\s",;]+))')


@dataclass(frozen=True, slots=True)
class RemoteCredential:
    """A credential as an endpoint holds it.

    Attributes:
        raw: its JSON as the server sent it, with the line end behind it where it has one, as a file
            that was sent as it is; a signed one (VC-JWT) is a JSON string.
        data: the credential; of a signed one its payload, unverified; empty where it is unreadable.
        is_signed: it is a compact JWS.
    """

    raw: bytes = field(repr=False)
    data: dict[str, Json] = field(repr=False)
    is_signed: bool = False

    @property
    def id(self) -> str:
        """Its id; empty without one."""
        return _text(self.data.get("id") or self.data.get("jti"))

    @property
    def contents(self) -> bytes:
        """What to keep in a file: its JSON, or the compact JWS alone."""
        return orjson.loads(self.raw).encode() if self.is_signed else self.raw

    @property
    def line(self) -> bytes:
        """Its JSON on one line; but for line ends and indents the bytes are the server's."""
        return _BREAK.sub("", self.raw.decode()).encode()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: credentials, and how many there are in all, if the server says so."""

    held: tuple[RemoteCredential, ...]
    total: int | None
    next_url: str = ""


class NoList(RefusedError):
    """The endpoint has no list of credentials."""


class Reader:
    """Reads what one endpoint holds.

    Args:
        list_url: of the list of credentials.
        session: adds the token.
    """

    def __init__(self, list_url: str, session: Session) -> None:
        self._url = list_url
        self._session = session

    def pages(
        self, *, limit: int | None = PAGE, offset: int = 0, since: str = ""
    ) -> Iterator[Page]:
        """Yield the credentials page by page, as many as are wanted.

        Args:
            limit: how many at the most; None for all.
            offset: how many to pass over.
            since: a date-time (RFC 3339): only those issued later.

        Raises:
            AuthError: the token is refused, or does not allow this.
            NoList: there is no list.
            RefusedError: the answer makes no sense, or leads to another server.
            TemporaryError: the endpoint cannot be reached, or is busy.
        """
        query = {"limit": str(min(limit or PAGE, PAGE)), "offset": str(offset)}
        page, url = self._first(urlencode(query | ({"since": since} if since else {})))
        seen, left = {url}, limit
        while True:
            yield Page(page.held[:left], page.total, page.next_url)
            if left is not None:
                left -= len(page.held)
            if not page.next_url or (left is not None and left <= 0):
                return
            url = _followed(page, url, seen)
            page = _page(_checked(self._session.get(url, most=_LONGEST), url), url)

    def find(self, wanted: str) -> RemoteCredential | None:
        """Return the first credential of an id, or None; the standard has no shorter way to it.

        Raises:
            ClrctlError: as `pages`.
        """
        every = (held for page in self.pages(limit=None) for held in page.held)
        return next((held for held in every if held.id == wanted), None)

    def _first(self, query: str) -> tuple[Page, str]:
        # The standard's path has no slash at its end; some servers know only the one with it.
        for url in (f"{self._url}?{query}", f"{self._url}/?{query}"):
            answer = self._session.get(url, most=_LONGEST)
            if not answer.is_redirect and answer.status != HTTPStatus.NOT_FOUND:
                break
        return _page(_checked(answer, url), url), url


@contextmanager
def connect(endpoint: Endpoint, credentials: Credentials) -> Iterator[Reader]:
    """Yield a reader of the endpoint; its connections are closed at the end."""
    with http.Client(link=http.Link(endpoint.network)) as client:
        yield Reader(endpoint.list_url, Session(credentials, client))


def _checked(answer: Answer, url: str) -> Answer:
    if answer.status != HTTPStatus.OK:
        raise _refusal(answer, f"GET {url}")
    return answer


def _refusal(answer: Answer, where: str) -> ClrctlError:
    status, why = answer.status, imsx.told(answer)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED):
        return NoList(
            "this endpoint does not list credentials",
            where=where,
            why=why,
            fix="nothing is wrong with your token or your records: it only takes them",
        )
    if answer.is_busy:
        return TemporaryError(
            "the endpoint is busy or failing", where=where, why=why, fix="run the command later"
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return AuthError(
            "the endpoint refused the token", where=where, why=why, fix="get a new token"
        )
    if status == HTTPStatus.FORBIDDEN:
        return AuthError(
            "the token does not allow reading here, or this endpoint does not list credentials",
            where=where,
            why=why,
            fix="ask the endpoint's owner for the scope credential.readonly",
        )
    return RefusedError("the endpoint refused to list credentials", where=where, why=why)


def _page(answer: Answer, url: str) -> Page:
    try:
        held = tuple(_held(answer.text.decode()))
    except (ValueError, RecursionError):
        # What a decoder says may quote a learner's record.
        raise RefusedError(
            "the endpoint's answer is no list of credentials", where=f"GET {url}", why=answer.flaw
        ) from None
    total = answer.headers.get("x-total-count", "")
    return Page(
        held,
        int(total) if re.fullmatch(r"[0-9]{1,12}", total) else None,
        _next(answer.headers.get("link", ""), url),
    )


def _held(text: str) -> Iterator[RemoteCredential]:
    """Yield the credentials of a page, each in the bytes it came in.

    Raises:
        ValueError: the text is no page.
        RecursionError: it is nested too deeply.
    """
    scanner = _ArrayScanner(text)
    names = []
    for name in scanner.members():
        names.append(name)
        if name == "credential":
            yield from (
                RemoteCredential(raw.encode(), _object(data)) for data, raw in scanner.elements()
            )
        elif name in _SIGNED:
            for data, raw in scanner.elements():
                yield RemoteCredential(raw.encode(), _payload(data), is_signed=True)
        else:
            scanner.value()
    if names and not {"credential", *_SIGNED}.intersection(names):
        raise ValueError


class _ArrayScanner:
    """Walks JSON, and keeps the text of each value; all methods raise ValueError where it ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def members(self) -> Iterator[str]:
        """Yield the names of an object; the value of each has to be walked before the next."""
        yield from self._parts("{", "}", self._name)

    def elements(self) -> Iterator[tuple[Json, str]]:
        """Yield the elements of an array, each with its text and the line end that is its own."""
        yield from self._parts("[", "]", self._element)

    def value(self) -> tuple[Json, str]:
        """Return the next value and its text."""
        start = self._blank()
        data, self._at = _DECODER.raw_decode(self._text, start)
        return data, self._text[start : self._at]

    def _element(self) -> tuple[Json, str]:
        data, text = self.value()
        if own := _LINE_END.match(self._text, self._at):
            self._at = own.end()
            text += own[0]
        return data, text

    def _name(self) -> str:
        name, _ = self.value()
        self._expect(":")
        return str(name)

    def _parts(self, opening: str, closing: str, part: Callable[[], _T]) -> Iterator[_T]:
        self._expect(opening)
        if self._took(closing):
            return
        yield part()
        while not self._took(closing):
            self._expect(",")
            yield part()

    def _expect(self, mark: str) -> None:
        if not self._took(mark):
            raise ValueError

    def _took(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._blank())
        self._at += found
        return found

    def _blank(self) -> int:
        while self._text[self._at : self._at + 1] in _BLANKS:
            self._at += 1
        return self._at


def _object(data: Json) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise ValueError  # noqa: TRY004 - the page is no page
    return data


def _payload(jws: Json) -> dict[str, Json]:
    """Return what a compact JWS says (RFC 7515 section 7.1), unverified."""
    if not isinstance(jws, str):
        raise ValueError  # noqa: TRY004 - the page is no page
    try:
        middle = jws.split(".")[1]
        payload = orjson.loads(base64url.decode(middle))
    except (IndexError, ValueError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _next(header: str, url: str) -> str:
    """Return the target of the link `next` (RFC 8288), or an empty text."""
    for target, parameters in _LINK.findall(header):
        for name, quoted, bare in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or bare).lower().split():
                return urljoin(url, str(target))
    return ""


def _followed(page: Page, url: str, seen: set[str]) -> str:
    """Return the URL of the next page, once it is sure that going there is safe and ends."""
    where = f"the link of GET {url}"
    if http.origin(page.next_url) != http.origin(url):
        raise RefusedError(
            "the list goes on at another server, to which the token must not go",
            where=where,
            why=http.origin(page.next_url),
        )
    if page.next_url in seen or not page.held:
        raise RefusedError("the list of the endpoint never ends", where=where)
    seen.add(page.next_url)
    return page.next_url


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
