"""The CSV files of a OneRoster export: in a zip, or in the folder that it was unpacked to.

Members are read by their known names and never written anywhere, so that no name in an archive can
lead out of it; what an archive says of sizes is held to limits before anything is unpacked.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal, Self, cast

from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables import Bytes, CsvGrid
from clrctl.errors import InputError
from clrctl.util import nearest

LARGEST = 2 * 2**30
"""Most bytes of a member."""

MOST_MEMBERS = 10_000
"""Most members of an archive; a OneRoster export has some twenty."""

STEEPEST = 200
"""How many times larger a member of some size may be than its compressed form."""

_CSV = ".csv"
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
        self._members: dict[str, tuple[str, Bytes]] = {}
        with ExitStack() as stack:
            if Path(source).is_dir():
                self._take(_in_folder(source))
            else:
                self._take(self._zipped(stack.enter_context(_opened(source))))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file of that name; its case does not count."""
        return _key(name) in self._members

    def grid(self, name: str) -> CsvGrid:
        """Open a file, such as `users`.

        Raises:
            Refused: it is not there, or not written as an export is.
            InputError: it is damaged.
        """
        if name not in self:
            raise Refused([self._absent(name)])
        own_name, member = self._members[_key(name)]
        shown = f"{self.source}/{own_name}"
        try:
            return CsvGrid(member, shown)
        except Refused as refused:
            # How a mapping would help is no help here: exports have one form.
            raise Refused(
                Problem(one.message, one.place, _AGAIN) for one in refused.problems
            ) from None
        except OSError as error:
            raise InputError("cannot be read", where=shown, why=error.strerror or "") from None

    def _absent(self, name: str) -> Problem:
        there = [own_name for own_name, _ in self._members.values()]
        message = f"{name}.csv is missing; there is {', '.join(there) or 'no CSV file'}"
        hint = nearest(f"{name}.csv", there)
        fix = f"is it {hint}? then rename it; or {_AGAIN}" if hint else _AGAIN
        return Problem(message, Place(self.source), fix)

    def _take(self, files: Iterable[tuple[str, Bytes]]) -> None:
        """Keep the CSV files among these by name, for which case does not count.

        Raises:
            InputError: two have one name.
        """
        for name, member in files:
            if not name.lower().endswith(_CSV) or name.startswith((".", "__")):
                continue
            first, _ = self._members.setdefault(name.casefold(), (name, member))
            if self._members[name.casefold()][1] is not member:
                both = f"{first} and {name}" if first != name else name
                raise InputError(
                    f"there are two files named {both}",
                    where=self.source,
                    why="this is more than one export",
                    fix="keep each export in a folder or zip of its own",
                )

    def _zipped(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, Bytes]]:
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise InputError(
                f"the zip has {len(infos):,} files", where=self.source, fix="is it the right one?"
            )
        for info in infos:
            name = PurePosixPath(info.filename).name
            if name.lower().endswith(_CSV) and not info.is_dir():
                self._refuse_unfit(info)
                yield name, _Member(archive, info, f"{self.source}/{name}")

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


def _key(name: str) -> str:
    return f"{name}{_CSV}".casefold()


def _in_folder(source: str) -> Iterator[tuple[str, Bytes]]:
    try:
        paths = sorted(Path(source).iterdir())
    except OSError as error:
        raise InputError("cannot be read", where=source, why=error.strerror or "") from None
    return ((path.name, path) for path in paths if path.is_file())


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
