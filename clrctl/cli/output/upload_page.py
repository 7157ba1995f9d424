"""The report of an upload as one page of HTML that needs nothing beside it.

Everything shown comes from files and servers and is escaped; the page loads nothing, and runs
only the style and the script that are written here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from clrctl.cli.output.upload_files import ReportFile, Rows, place
from clrctl.finding import Json
from clrctl.sending import STORED, Endpoint, UploadOutcome
from clrctl.util import Layout, Markup, element, safe

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
_LAYOUT: Final = Layout(style=_STYLE, script=_SCRIPT)
_CAUSES: Final = ("Credentials", "Cause", "What to do")
_COLUMNS: Final = ("Outcome", "Input", "Credential", "Status", "Attempts", "Reason")


class PageFile(ReportFile):
    """A report that is one page: the counts, the failures by cause, and what needs attention.

    Credentials that are simply stored are counted and not listed.
    """

    @staticmethod
    def whole(endpoint: Endpoint, rows: Rows) -> str:
        """Return the page."""
        outcomes = Counter(row["outcome"] for row in rows)
        causes = Counter((_reason(row), row["error"]["fix"]) for row in rows if row["error"])
        open_ends = [row for row in rows if _needs_attention(row)]
        return _LAYOUT.page(
            "Upload report",
            element("h1", f"Upload to {_shown(endpoint.name)}"),
            element("p", _shown(endpoint.credentials_url)),
            _counts((outcome.value, outcomes[outcome.value]) for outcome in UploadOutcome),
            element("h2", "Failures by cause") if causes else element("p", "Nothing failed."),
            _table(_CAUSES, [(number, *cause) for cause, number in causes.most_common()]),
            element("h2", "What needs attention") if open_ends else "",
            _table(_COLUMNS, [_cells(row) for row in open_ends]),
        )


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
    status = row["status"] or ""
    return row["outcome"], place(row), row["id"], status, row["attempts"], _reason(row)


def _counts(counts: Iterable[tuple[str, int]]) -> Markup:
    told = ((f"{number:,}", f" {_shown(name)}") for name, number in counts if number)
    return element("ul", *(element("li", element("b", number), name) for number, name in told))


def _table(columns: Sequence[str], rows: Sequence[Sequence[Json]]) -> Markup:
    if not rows:
        return Markup()
    heads = (element("th", element("button", name), scope="col") for name in columns)
    lines = (element("tr", *(element("td", _shown(cell)) for cell in row)) for row in rows)
    head, body = element("tr", *heads), element("tbody", *lines)
    return element("table", element("thead", head), body)


def _shown(text: object) -> str:
    return safe(text, limit=1000)
