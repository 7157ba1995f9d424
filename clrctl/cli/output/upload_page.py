"""The report of an upload as one page of HTML that needs nothing beside it.

Everything shown comes from files and servers and is escaped; the page loads nothing, and its
Content-Security-Policy allows only the style and the script that are written here.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from clrctl.finding import Json
from clrctl.sending import STORED, Endpoint, UploadOutcome
from clrctl.util import safe

_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
ul { display: flex; flex-wrap: wrap; gap: 1rem; list-style: none; padding: 0; }
li { border: 1px solid #8886; border-radius: .5rem; padding: .5rem 1rem; }
li b { display: block; font-size: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .4rem .6rem; text-align: left;
  overflow-wrap: anywhere; vertical-align: top; }
th, td:first-child { white-space: nowrap; }
td:nth-child(2), td:nth-child(3) { min-width: 12rem; }
td:last-child { min-width: 16rem; }
body { overflow-x: auto; }
th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible { outline: 2px solid; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
"""
_SCRIPT: Final = """
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement, body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const text = row => row.cells[head.cellIndex].textContent;
    const order = (a, b) => text(a).localeCompare(text(b), undefined, {numeric: true});
    body.append(...[...body.rows].sort((a, b) => down ? order(b, a) : order(a, b)));
  });
}
"""
_CAUSES: Final = ("Credentials", "Cause", "What to do")
_COLUMNS: Final = ("Outcome", "Input", "Credential", "Status", "Attempts", "Reason")


def page(endpoint: Endpoint, rows: Sequence[dict[str, Json]]) -> str:
    """Return the page: the counts, the failures by cause, and what needs attention.

    Args:
        endpoint: where it was sent.
        rows: source, line and receipt of each credential. Those that are simply stored are
            counted and not listed.
    """
    outcomes = Counter(row["outcome"] for row in rows)
    causes = Counter((_reason(row), row["error"]["fix"]) for row in rows if row["error"])
    open_ends = [row for row in rows if _needs_attention(row)]
    parts = [
        f"<h1>Upload to {_shown(endpoint.name)}</h1>",
        f"<p>{_shown(endpoint.credentials_url)}</p>",
        _counts((outcome.value, outcomes[outcome.value]) for outcome in UploadOutcome),
        "<h2>Failures by cause</h2>" if causes else "<p>Nothing failed.</p>",
        _table(_CAUSES, ((number, *cause) for cause, number in causes.most_common())),
        "<h2>What needs attention</h2>" if open_ends else "",
        _table(_COLUMNS, map(_cells, open_ends)),
    ]
    return _whole("".join(parts))


def _needs_attention(row: dict[str, Json]) -> bool:
    outcome = UploadOutcome(row["outcome"])
    return outcome not in STORED or outcome is UploadOutcome.ALTERED


def _reason(row: dict[str, Json]) -> str:
    error = row["error"]
    if not error:
        changes = [f"{change['kind']} {change['pointer']}" for change in row["changes"]]
        return ", ".join(changes[:10])
    return ": ".join(filter(None, (error["what"], error["why"])))


def _cells(row: dict[str, Json]) -> tuple[Json, ...]:
    place = f"{row['source']}:{row['line']}" if row["line"] > 1 else row["source"]
    status = row["status"] or ""
    return row["outcome"], place, row["id"], status, row["attempts"], _reason(row)


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    items = (f"<li><b>{number:,}</b> {_shown(name)}</li>" for name, number in counts if number)
    return f"<ul>{''.join(items)}</ul>"


def _table(columns: Sequence[str], rows: Iterable[Sequence[Json]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{_shown(c)}</td>' for c in row)}</tr>" for row in rows)
    if not body:
        return ""
    heads = (f'<th scope="col"><button>{_shown(name)}</button></th>' for name in columns)
    return f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table>"


def _shown(text: object) -> str:
    return escape(safe(text, limit=1000))


def _whole(content: str) -> str:
    policy = (
        f"default-src 'none'; style-src '{_digest(_STYLE)}'; script-src '{_digest(_SCRIPT)}';"
        " base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Upload report</title><style>{_STYLE}</style></head>"
        f"<body>{content}<script>{_SCRIPT}</script></body></html>\n"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
