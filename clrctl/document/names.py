"""Which files the names on a command line mean: files, folders, patterns.

Names are kept as given, undecodable bytes included (`surrogateescape`). Links to folders are
not followed below a folder or a `**`. This module opens nothing.
"""

# pathlib would tidy the names, and they are to stay as given.
# ruff: noqa: PTH112, PTH118, PTH122, PTH208

from __future__ import annotations

import fnmatch
import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import Literal, TypeAlias

from clrctl.errors import InputError
from clrctl.util import nearest

InputFormat: TypeAlias = Literal["json", "yaml", "ndjson"]

SUFFIXES: dict[str, InputFormat] = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
"""What a file is by its suffix, in small letters; in a folder only these are taken."""

_MOST_LOOKED_AT = 1000
_WILD = frozenset("*?[")
_ADDRESS = re.compile(r"(?:/.*/)?(?P<scheme>https?):/{1,2}(?P<rest>[^/].*)", re.IGNORECASE)
_OTHER_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,15}):(?://[^/]*)?(?P<path>/.*)")


def suffix_format(name: str) -> InputFormat | None:
    """Return what a file is by its suffix, or None."""
    return SUFFIXES.get(os.path.splitext(name)[1].lower())


def unreadable(name: str, error: OSError) -> InputError:
    """Return the error of a file or folder that the system does not give."""
    why = error.strerror or str(error)
    return not_fetched(name) or InputError(
        "cannot be read", where=name, why=why, fix=_advice(name, error)
    )


def not_fetched(name: str) -> InputError | None:
    """Return the error of an address in the place of a file; None for any other name."""
    match = _ADDRESS.fullmatch(name)
    if match is None:
        return _of_another_scheme(name)
    # A path that was tidied has one slash.
    address = f"{match['scheme']}://{match['rest']}"
    file = match["rest"].partition("?")[0].rstrip("/").rpartition("/")[2]
    return InputError(
        "this is a web address, and nothing is fetched",
        where=address,
        fix=f"download it, and name the file: curl -fLo {file or 'FILE'} {shlex.quote(address)}",
    )


def _of_another_scheme(name: str) -> InputError | None:
    match = _OTHER_ADDRESS.fullmatch(name)
    if match is None:
        return None
    what = "this is an address, and files are given by their path"
    if match["scheme"].lower() == "file":
        from urllib.parse import unquote

        path = shlex.quote(unquote(match["path"]))
        return InputError(what, where=name, fix=f"name the file: {path}")
    return InputError(what, where=name, fix="copy it to this machine, and name the file")


def _advice(name: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "give the user who runs this the right to read it"
    if not isinstance(error, FileNotFoundError):
        return ""
    folder, file = os.path.split(name)
    try:
        there = os.listdir(folder or os.curdir)[:_MOST_LOOKED_AT]
    except OSError:
        return f"check the folder: {folder}"
    hint = nearest(file, there, same_digits=True)
    return f"did you mean {os.path.join(folder, hint)}?" if hint else "check the name"


def expand(name: str, also: Sequence[str] = ()) -> Iterator[str | InputError]:
    """Yield the files one name means, sorted, or the error in their place.

    Args:
        name: a file, a folder or a pattern.
        also: suffixes that are taken in folders, beside those of `SUFFIXES`.
    """
    if os.path.isdir(name):
        return _in_folder(name, also)
    if os.path.lexists(name) or not _is_wild(name):
        return iter([name])
    if problem := not_fetched(name):
        return iter([problem])
    return _matching(name)


def _is_wild(part: str) -> bool:
    return not _WILD.isdisjoint(part)


def _in_folder(name: str, also: Sequence[str]) -> Iterator[str | InputError]:
    errors: list[OSError] = []
    wanted = (*SUFFIXES, *also)
    files = [
        os.path.join(folder, file)
        for folder, inside in _folders(name, errors.append)
        for file in inside
        if os.path.splitext(file)[1].lower() in wanted and not file.startswith(".")
    ]
    yield from sorted(files, key=_in_order)
    for error in errors:
        yield unreadable(str(error.filename), error)
    if not files and not errors:
        yield InputError(
            "there is no credential in the folder",
            where=name,
            fix="name a folder with files ending in " + " ".join(wanted),
        )


def _in_order(path: str) -> tuple[str, ...]:
    return PurePath(path).parts


def _folders(
    top: str, on_error: Callable[[OSError], None] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Yield `top` and every folder below that is neither hidden nor a link, with its files."""
    for folder, below, files in os.walk(top, onerror=on_error):
        below[:] = [one for one in below if not one.startswith(".")]
        yield folder, files


def _matching(pattern: str) -> Iterator[str | InputError]:
    bases = {""}
    for part in PurePath(pattern).parts:
        bases = {path for base in bases for path in _step(base, part)}
    files = [path for path in bases if path and not os.path.isdir(path)]
    yield from sorted(files, key=_in_order)
    if not files:
        yield InputError("no file matches the pattern", where=pattern)


def _step(base: str, part: str) -> Iterator[str]:
    """Yield the paths that one part of a pattern leads to from a folder."""
    if part == "**":
        yield base
        # A `**` at the very end means the files as well.
        for folder, files in _folders(base or os.curdir):
            inner = folder if base else os.path.relpath(folder, os.curdir)
            prefix = "" if inner == os.curdir else inner
            yield prefix
            yield from (os.path.join(prefix, file) for file in files if not file.startswith("."))
    elif _is_wild(part):
        for name in fnmatch.filter(_listing(base or os.curdir), part):
            if not name.startswith(".") or part.startswith("."):
                yield os.path.join(base, name)
    elif os.path.lexists(path := os.path.join(base, part)):
        yield path


def _listing(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
