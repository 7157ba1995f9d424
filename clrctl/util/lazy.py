"""Faces of rooms whose modules are loaded when one of their names is first used (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence


def lazily(room: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package whose names live in its modules.

    Args:
        room: the package's `__name__`.
        homes: for each module of the package, the names that it lends to the package; for an
            empty name, the modules that are themselves part of the face.
    """
    home_of = {name: module for module, names in homes.items() for name in names}

    def look_up(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        home = home_of[name]
        if not home:
            return importlib.import_module(f"{room}.{name}")
        return getattr(importlib.import_module(f"{room}.{home}"), name)

    return look_up
