"""The pages for people: what is stored, and one record in full.

Everything shown comes from outside and is escaped by `element`. The pages hold no scripts and load
nothing from elsewhere, and their Content-Security-Policy says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from clrctl.sandbox import credential
from clrctl.sandbox.answers import Refusal
from clrctl.sandbox.contract import CLIENT_ID, CLIENT_SECRET, TOKEN_PATH
from clrctl.sandbox.store import Store, StoredRecord
from clrctl.standard import CREDENTIALS_PATH
from clrctl.util import Layout, Markup, element

_PER_PAGE: Final = 25
_NONE: Final = "\N{EN DASH}"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_LAYOUT: Final = Layout(
    style=Path(__file__).with_name("page.css").read_text(encoding="utf-8"), icon="/logo.svg"
)
_LOGO: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1f5f5b"/>'
    '<path d="M9 10h14M9 16h14M9 22h8" stroke="#fff" stroke-width="3" stroke-linecap="round"/>'
    "</svg>"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_FIRST_COMMAND: Final = "clrctl upsert samples/transcript.clr.json --endpoint sandbox"

_OPENING: Final = ("{", "[")
_CLOSING: Final = ("}", "]")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages over one store.

    Attributes:
        store: whose records are shown.
    """

    store: Store

    async def index(self, request: Request) -> Response:
        """Show the stored records, the last one first."""
        text = request.query_params.get("page", "1")
        if not _NUMBER.fullmatch(text):
            raise Refusal(400, "page must be a number, 1 or more", minor="invalid_query_parameter")
        return await run_in_threadpool(self._index, int(text))

    async def record(self, request: Request) -> Response:
        """Show one record: a summary and its JSON."""
        return await run_in_threadpool(self._record, request.path_params["key"])

    async def logo(self, _: Request) -> Response:
        """Return the picture of the browser's tab and of the service description."""
        return Response(_LOGO, 200, None, "image/svg+xml")

    def _index(self, number: int) -> Response:
        total = self.store.count()
        records = self.store.latest(limit=_PER_PAGE, offset=(number - 1) * _PER_PAGE)
        if not total:
            return page("Nothing stored yet", _empty())
        pages = (total - 1) // _PER_PAGE + 1
        count = "1 credential" if total == 1 else f"{total} credentials"
        return page(
            "Stored credentials",
            element("p", f"{count}, the last one first.", class_="lead"),
            _records(records),
            _paging(number, pages),
        )

    def _record(self, key: str) -> Response:
        found = self.store.get(key)
        if found is None:
            raise Refusal(404, "no record has this key")
        record, raw = found
        title = record.entry.name or record.entry.credential_id
        return page(
            title,
            element("p", element("a", "All records", href="/")),
            _facts(record),
            _achievements(credential.achievements(credential.parse(raw))),
            element("h2", "JSON"),
            element("p", "Indented for reading; every value as it was received.", class_="note"),
            element("pre", indented(raw.decode()), tabindex="0"),
        )


def page(title: str, *content: str, form_action: str = "'none'") -> Response:
    """Return a page.

    Args:
        title: its heading.
        content: what stands below.
        form_action: where its forms may lead, in the words of a Content-Security-Policy.
    """
    foot = (
        "A clrctl sandbox on this machine, for trying things out."
        " It signs nothing and passes nothing on."
    )
    whole = _LAYOUT.page(
        f"{title} · clrctl sandbox",
        element("header", element("a", "clrctl sandbox", href="/")),
        element("main", element("h1", title), *content),
        element("footer", foot),
        form_action=form_action,
    )
    # Of this, browsers take notice in a header only (CSP level 3, section 6.4.2).
    policy = f"{_LAYOUT.policy(form_action)}; frame-ancestors 'none'"
    return HTMLResponse(whole, headers=_HEADERS | {"Content-Security-Policy": policy})


def _empty() -> Markup:
    facts = {
        "Interface": CREDENTIALS_PATH,
        "Tokens": TOKEN_PATH,
        "Client id": CLIENT_ID,
        "Client secret": CLIENT_SECRET,
    }
    return element(
        "section",
        element("p", "Send a credential from another terminal:"),
        element("pre", _FIRST_COMMAND),
        element("p", "For other tools:"),
        _list(facts),
    )


def _list(facts: Mapping[str, str]) -> Markup:
    pairs = facts.items()
    return element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in pairs))


def _records(records: list[StoredRecord]) -> Markup:
    names = ("Credential", "Learner", "Issuer", "Valid from", "Stored", "Size", "Updates")
    head = element("tr", *(element("th", name, scope="col") for name in names))
    rows = (_row(record, names) for record in records)
    return element("table", element("thead", head), element("tbody", *rows), class_="records")


def _row(record: StoredRecord, names: tuple[str, ...]) -> Markup:
    entry = record.entry
    link = element("a", entry.name or entry.credential_id, href=f"/records/{record.key}")
    cells = (
        link,
        entry.subject or _NONE,
        entry.issuer_name or entry.issuer_id,
        entry.valid_from or _NONE,
        _time(record.stored),
        _size(record.size),
        str(record.updates),
    )
    # On a narrow screen each row becomes a card, where the column's name stands by its value.
    pairs = zip(names, cells, strict=True)
    return element("tr", *(element("td", cell, **{"data-label": name}) for name, cell in pairs))


def _paging(page: int, pages: int) -> Markup:
    links: list[str] = []
    if page > 1:
        links.append(element("a", "Newer", href=f"/?page={min(page - 1, pages)}", rel="prev"))
    links.append(element("span", f"Page {page} of {pages}"))
    if page < pages:
        links.append(element("a", "Older", href=f"/?page={page + 1}", rel="next"))
    return element("nav", *links) if pages > 1 or page > 1 else Markup()


def _facts(record: StoredRecord) -> Markup:
    entry = record.entry
    facts = {
        "Credential": entry.credential_id,
        "Issuer": " · ".join(filter(None, (entry.issuer_name, entry.issuer_id))),
        "Learner": entry.subject or _NONE,
        "Valid from": entry.valid_from or _NONE,
        "Stored": _time(record.stored),
        "Size": _size(record.size),
        "Updates": str(record.updates),
    }
    return _list(facts)


def _achievements(found: list[credential.ShownAchievement]) -> Markup:
    if not found:
        return element("p", "No achievements are named in it.", class_="note")
    names = ("Achievement", "Type", "Results")
    head = element("tr", *(element("th", name, scope="col") for name in names))
    rows = (
        element(
            "tr",
            element("td", one.name or _NONE, **{"data-label": names[0]}),
            element("td", one.kind or _NONE, **{"data-label": names[1]}),
            element(
                "td", "; ".join(filter(None, one.results)) or _NONE, **{"data-label": names[2]}
            ),
        )
        for one in found
    )
    title = "1 achievement" if len(found) == 1 else f"{len(found)} achievements"
    table = element("table", element("thead", head), element("tbody", *rows))
    return Markup(element("h2", title) + table)


def _time(when: datetime) -> Markup:
    text = when.strftime("%Y-%m-%d %H:%M:%S UTC")
    return element("time", text, datetime=when.isoformat())


def _size(size: int) -> str:
    return f"{size} bytes" if size < 1024 else f"{size / 1024:,.1f} KiB"  # noqa: PLR2004


def indented(text: str) -> str:
    """Return JSON with line breaks and indents, each value written as it was.

    Args:
        text: valid JSON.
    """
    out: list[str] = []
    depth, previous = 0, ""
    for part in _TOKEN.findall(text):
        opens, closes = previous in _OPENING, part in _CLOSING
        depth -= closes
        # An empty object or array stays on its line.
        if opens != closes or previous == ",":
            out.append("\n" + "  " * depth)
        out.append(": " if part == ":" else part)
        depth += part in _OPENING
        previous = part
    return "".join(out)
