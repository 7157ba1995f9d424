"""Opening the report of an upload, once it is known that it can be written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from clrctl.cli.output import formats
from clrctl.cli.output.upload_files import UploadReport, words
from clrctl.sending import Endpoint
from clrctl.util import atomic


def foresee(path: Path) -> None:
    """Find out, before there is anything to report, that a report cannot be; write nothing.

    Raises:
        UsageError: its suffix means no format.
        InputError: its folder cannot be written to.
    """
    formats.report_format(path)
    with atomic.told(path, words(path)), tempfile.TemporaryFile(dir=path.parent):
        pass


def open_report(path: Path, endpoint: Endpoint) -> UploadReport:
    """Open the report of a run; it is to be closed.

    Raises:
        UsageError: its suffix means no format.
        InputError: it cannot be written.
    """
    foresee(path)
    return formats.upload_report(path, endpoint)
