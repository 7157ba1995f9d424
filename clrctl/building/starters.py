"""Files to start from: commented, sound, and made to be changed.

They lie as they are in `starters`; what has to differ from one copy to the next is filled in.
Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath

SECRET = "id-secret"  # noqa: S105 - the name of a file
"""The file with the secret that ids of persons depend on."""

_IDS = ("record", "learner", "award")


@dataclass(frozen=True, slots=True)
class Starter:
    """A file to be written.

    Attributes:
        name: where, relative to the folder it is made for.
        data: what it holds.
        keeps: whether a file that is there already stays, whatever was asked for.
        is_secret: whether only its owner may read it.
    """

    name: str
    data: bytes
    keeps: bool = False
    is_secret: bool = False


def recipe(name: str, secret: str) -> tuple[Starter, ...]:
    """Return a recipe of that name, and what it needs beside it."""
    text = _text("recipe.yaml").replace("NAME", name)
    return Starter(name, text.encode()), *_beside(secret)


def tables(folder: str, secret: str) -> tuple[Starter, ...]:
    """Return the tables of a folder, their mapping, and what it needs beside it."""
    found = [
        Starter(file.name, _filled(file, folder))
        for file in sorted(_all("tables").iterdir(), key=lambda one: one.name)
    ]
    # The mapping is what is to be read first.
    found.sort(key=lambda one: one.name != "mapping.yaml")
    return *found, *_beside(secret)


def credential(name: str, new_id: Callable[[], str]) -> tuple[Starter, ...]:
    """Return a record in full, with ids of its own.

    Args:
        name: of the file.
        new_id: makes an UUID that nobody has.
    """
    text = _text("credential.yaml").replace("NAME", name)
    for one in _IDS:
        text = text.replace(f"{{{one}}}", new_id())
    return (Starter(name, text.encode()),)


def _beside(secret: str) -> tuple[Starter, ...]:
    return (
        Starter(SECRET, f"{secret}\n".encode(), keeps=True, is_secret=True),
        Starter(".gitignore", _text("ignore").encode(), keeps=True),
    )


def _filled(file: Traversable, folder: str) -> bytes:
    name = str(PurePath(folder))
    return file.read_text(encoding="utf-8").replace("FOLDER", name).encode()


def _all(name: str) -> Traversable:
    return files("clrctl.building").joinpath("starters", name)


def _text(name: str) -> str:
    return _all(name).read_text(encoding="utf-8")
