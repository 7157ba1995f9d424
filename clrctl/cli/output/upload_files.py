"""The file that `upsert --report` leaves behind: what became of each credential, to be kept.

JSON lines are written as they come, so that they outlive the process; every other format is
written whole at the end. Only its owner may read it.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from clrctl.cli.console import REPORT_FORMAT
from clrctl.finding import Json
from clrctl.util import atomic

if TYPE_CHECKING:
    from clrctl.sending import Delivery, Endpoint

Rows: TypeAlias = Sequence[dict[str, Json]]
"""Source, line and receipt of each credential."""


class UploadReport(Protocol):
    """A report of an upload, in one format."""

    def add(self, delivery: Delivery) -> None:
        """Take what became of one credential; raises InputError when it cannot be written."""

    def close(self) -> None:
        """Finish the report; raises InputError when it cannot be written."""


class ReportFile(ABC):
    """A report that is written whole when it is closed.

    Args:
        path: the file.
        endpoint: where the credentials are sent.
    """

    def __init__(self, path: Path, endpoint: Endpoint) -> None:
        self._path = path
        self._endpoint = endpoint
        self._rows: list[dict[str, Json]] = []

    @staticmethod
    @abstractmethod
    def whole(endpoint: Endpoint, rows: Rows) -> str:
        """Return the text of the report."""

    def add(self, delivery: Delivery) -> None:
        """Take what became of one credential."""
        self._rows.append(_row(delivery))

    def close(self) -> None:
        """Write the report; raises InputError when that cannot be done."""
        data = self.whole(self._endpoint, self._rows).encode("utf-8", "backslashreplace")
        atomic.replace(self._path, data, mode=atomic.PRIVATE, words=words(self._path))


class JsonFile(ReportFile):
    """A report that is one JSON object."""

    @staticmethod
    def whole(endpoint: Endpoint, rows: Rows) -> str:
        """Return the object."""
        outcomes = Counter(row["outcome"] for row in rows)
        whole = {
            "format": REPORT_FORMAT,
            "ok": not any(row["error"] for row in rows),
            "endpoint": {"name": endpoint.name, "method": "POST", "url": endpoint.credentials_url},
            "summary": {"outcomes": outcomes},
            "credentials": rows,
        }
        return json.dumps(whole, indent=2) + "\n"


class LinesFile:
    """A report of one JSON object a line, each on the disk before the next credential is told."""

    def __init__(self, path: Path, _: Endpoint) -> None:
        self._path = path
        with atomic.told(path, words(path)):
            path.unlink(missing_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, atomic.PRIVATE)
            self._stream = os.fdopen(handle, "wb", buffering=0)

    def add(self, delivery: Delivery) -> None:
        """Write one line; raises InputError when that cannot be done."""
        line = json.dumps({"format": REPORT_FORMAT, **_row(delivery)}, separators=(",", ":"))
        with atomic.told(self._path, words(self._path)):
            self._stream.write(line.encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def place(row: dict[str, Json]) -> str:
    """Return where a credential lies: its file, and the line where it is not the first."""
    return f"{row['source']}:{row['line']}" if row["line"] > 1 else str(row["source"])


def words(path: Path) -> atomic.Words:
    """Return how it is told that a report cannot be written."""
    return atomic.Words("cannot write the report", where=f"{path} (--report)")


def _row(delivery: Delivery) -> dict[str, Json]:
    # JUnit is for findings too, and `validate` needs nothing of uploads.
    from clrctl.cli.output.uploads import receipt_json

    report = delivery.credential.report
    return {"source": report.source, "line": report.first_line, **receipt_json(delivery)}
