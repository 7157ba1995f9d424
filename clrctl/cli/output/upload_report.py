"""The file that `upsert --report` leaves behind: what became of each credential, to be kept.

Its form goes by its suffix: JSON lines, written as they come so that they outlive the process;
JSON, JUnit XML or a page of HTML, written whole at the end. Only its owner may read it.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from clrctl.cli.console import REPORT_FORMAT
from clrctl.cli.output.uploads import receipt_json
from clrctl.errors import UsageError
from clrctl.finding import Json
from clrctl.sending import (
    STORED,
    Delivery,
    Endpoint,
    UploadOutcome,
)
from clrctl.util import atomic, safe

Rows: TypeAlias = Sequence[dict[str, Json]]


class ReportFile:
    """A report that is written whole when it is closed."""

    def __init__(self, path: Path, write: Callable[[Endpoint, Rows], str], to: Endpoint) -> None:
        self._path = path
        self._write = write
        self._endpoint = to
        self._rows: list[dict[str, Json]] = []

    def add(self, delivery: Delivery) -> None:
        """Take what became of one credential."""
        self._rows.append(_row(delivery))

    def close(self) -> None:
        """Write the report; raises InputError when that cannot be done."""
        text = self._write(self._endpoint, self._rows)
        data = text.encode("utf-8", "backslashreplace")
        atomic.replace(self._path, data, mode=atomic.PRIVATE, words=_words(self._path))


class LinesFile:
    """A report of one JSON object a line, each on the disk before the next credential is told."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with atomic.told(path, _words(path)):
            path.unlink(missing_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, atomic.PRIVATE)
            self._stream = os.fdopen(handle, "wb", buffering=0)

    def add(self, delivery: Delivery) -> None:
        """Write one line; raises InputError when that cannot be done."""
        line = json.dumps({"format": REPORT_FORMAT, **_row(delivery)}, separators=(",", ":"))
        with atomic.told(self._path, _words(self._path)):
            self._stream.write(line.encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def foresee(path: Path) -> None:
    """Find out, before there is anything to report, that a report cannot be; write nothing.

    Raises:
        UsageError: its suffix names no form.
        InputError: its folder cannot be written to.
    """
    _form(path)
    with atomic.told(path, _words(path)), tempfile.TemporaryFile(dir=path.parent):
        pass


def open_report(path: Path, endpoint: Endpoint) -> ReportFile | LinesFile:
    """Open the report of a run; it is to be closed.

    Raises:
        UsageError: its suffix names no form.
        InputError: it cannot be written.
    """
    foresee(path)
    match _form(path):
        case "jsonl":
            return LinesFile(path)
        case "json":
            return ReportFile(path, _json, endpoint)
        case "junit":
            return ReportFile(path, _junit, endpoint)
    from clrctl.cli.output.upload_page import page

    return ReportFile(path, page, endpoint)


def _form(path: Path) -> str:
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            return "jsonl"
        case ".json":
            return "json"
        case ".xml":
            return "junit"
        case ".html" | ".htm":
            return "html"
    raise UsageError(
        "the report's name does not say what it is to be",
        where=f"{path} (--report)",
        fix="let it end in .json, .jsonl, .xml (JUnit) or .html",
    )


def _row(delivery: Delivery) -> dict[str, Json]:
    report = delivery.credential.report
    return {"source": report.source, "line": report.first_line, **receipt_json(delivery)}


def _json(endpoint: Endpoint, rows: Rows) -> str:
    outcomes = Counter(row["outcome"] for row in rows)
    whole = {
        "format": REPORT_FORMAT,
        "ok": not any(row["error"] for row in rows),
        "endpoint": {"name": endpoint.name, "method": "POST", "url": endpoint.credentials_url},
        "summary": {"outcomes": outcomes},
        "credentials": rows,
    }
    return json.dumps(whole, indent=2) + "\n"


def _junit(endpoint: Endpoint, rows: Rows) -> str:
    """Return JUnit XML (junit-10.xsd): a credential is a test, and one not stored a failure."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", name="clrctl upsert")
    for row in rows:
        name = f"{row['source']}:{row['line']}" if row["line"] > 1 else row["source"]
        case = SubElement(suite, "testcase", name=_legal(name), classname="clrctl.upsert")
        if UploadOutcome(row["outcome"]) in STORED:
            continue
        error = row["error"] or {"what": row["outcome"], "why": "", "fix": ""}
        told = "\n".join(_legal(error[part]) for part in ("what", "why", "fix") if error[part])
        kind = "skipped" if row["outcome"] == UploadOutcome.PENDING else "failure"
        SubElement(case, kind, message=_legal(error["what"]), type=row["outcome"]).text = told
    for holder in (suites, suite):
        holder.set("tests", str(len(rows)))
        holder.set("failures", str(len(suite.findall("testcase/failure"))))
        holder.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("hostname", urlsplit(endpoint.base).hostname or "")
    indent(suites)
    # ASCII: everything else is a character reference.
    text = tostring(suites, encoding="us-ascii").decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _legal(text: str) -> str:
    """Return text that XML 1.0 can hold (section 2.2)."""
    return re.sub("[\ufffe\uffff]", "\ufffd", safe(text, limit=None))


def _words(path: Path) -> atomic.Words:
    return atomic.Words("cannot write the report", where=f"{path} (--report)")
