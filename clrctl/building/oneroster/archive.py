"""The CSV files of a OneRoster export: in a zip, or in the folder that it was unpacked to.

Members are read by their known names and never written anywhere, so that no name in an archive can
lead out of it; what an archive says of sizes is held to limits before anything is unpacked.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal, Self, cast

from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables import Bytes, CsvGrid
from clrctl.errors import InputError

LARGEST = 2 * 2**30
"""Most bytes of a member."""

MOST_MEMBERS = 10_000
"""Most members of an archive; a OneRoster export has some twenty."""

STEEPEST = 200
"""How many times larger a member of some size may be than its compressed form."""

_SMALL = 16 * 2**20
_ENCRYPTED = 0x1
_AGAIN = "export the roster again as OneRoster 1.2 CSV; its files are UTF-8 with commas"


class Archive:
    """The files of an export; a context that closes the zip.

    Args:
        source: a zip or a folder.

    Raises:
        InputError: it cannot be read, is damaged or encrypted, or unpacks to too much.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        # Names in small letters: systems differ in how they write lineItems.csv.
        self._members: dict[str, tuple[str, Bytes]] = {}
        with ExitStack() as stack:
            if Path(source).is_dir():
                for path in sorted(Path(source).iterdir()):
                    if path.suffix.lower() == ".csv":
                        self._enter(path.name, path)
            else:
                self._zipped(stack.enter_context(_opened(source)))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file of that name."""
        return f"{name}.csv".lower() in self._members

    def grid(self, name: str) -> CsvGrid:
        """Open a file, such as `users`.

        Raises:
            Refused: it is not there, or not written as an export is.
            InputError: it is damaged.
        """
        file, member = self._members.get(f"{name}.csv".lower(), ("", None))
        shown = f"{self.source}/{file}"
        if member is None:
            there = ", ".join(file for file, _ in self._members.values()) or "no CSV file"
            message = f"{name}.csv is missing; there is {there}"
            raise Refused([Problem(message, Place(self.source), _AGAIN)])
        try:
            return CsvGrid(member, shown)
        except Refused as refused:
            # How a mapping would help is no help here: exports have one form.
            raise Refused(
                Problem(one.message, one.place, _AGAIN) for one in refused.problems
            ) from None
        except OSError as error:
            raise InputError("cannot be read", where=shown, why=error.strerror or "") from None

    def _enter(self, name: str, member: Bytes) -> None:
        if name.lower() in self._members:
            raise InputError(
                f"there are two files named {name}",
                where=self.source,
                why="it holds more than one export",
                fix="make one zip or folder for each",
            )
        self._members[name.lower()] = (name, member)

    def _zipped(self, archive: zipfile.ZipFile) -> None:
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise InputError(
                f"the zip has {len(infos):,} files", where=self.source, fix="is it the right one?"
            )
        for info in infos:
            path = PurePosixPath(info.filename)
            if path.suffix.lower() == ".csv" and not path.name.startswith((".", "__")):
                self._refuse_unfit(info)
                self._enter(path.name, _Member(archive, info, f"{self.source}/{path.name}"))

    def _refuse_unfit(self, info: zipfile.ZipInfo) -> None:
        where = f"{self.source}/{PurePosixPath(info.filename).name}"
        if info.flag_bits & _ENCRYPTED:
            raise InputError(
                "the zip is encrypted", where=where, fix="unpack it, and name the folder instead"
            )
        steep = info.file_size > _SMALL and info.file_size > STEEPEST * max(info.compress_size, 1)
        if info.file_size > LARGEST or steep:
            raise InputError(
                f"this unpacks to {info.file_size / 2**20:,.0f} MiB",
                where=where,
                why=f"from {info.compress_size / 2**20:,.1f} MiB",
                fix="if that is meant, unpack it, and name the folder instead",
            )


def _opened(source: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except OSError as error:
        raise InputError("cannot be read", where=source, why=error.strerror or "") from None
    except zipfile.BadZipFile as error:
        raise _damaged(source, str(error)) from None


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of a zip, which never gives more bytes than the zip says that it has."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    shown: str

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        del mode
        return cast(BinaryIO, io.BufferedReader(_Guarded(self)))

    def read_bytes(self) -> bytes:
        with self.open("rb") as stream:
            return stream.read()


class _Guarded(io.RawIOBase):
    """A stream out of a zip that reports damage in our words."""

    def __init__(self, member: _Member) -> None:
        self._shown = member.shown
        try:
            self._stream = member.archive.open(member.info)
        except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise _damaged(self._shown, str(error)) from None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            got = self._stream.read(len(view))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise _damaged(self._shown, str(error)) from None
        view[: len(got)] = got
        return len(got)

    def close(self) -> None:
        if hasattr(self, "_stream"):
            self._stream.close()
        super().close()


def _damaged(where: str, why: str) -> InputError:
    return InputError("the zip is damaged", where=where, why=why, fix="download or export it again")
