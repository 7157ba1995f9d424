"""Where records come from: the kinds of sources, and which of them a source is.

To add a kind, enter it in `SOURCE_KINDS`: how it is recognised by its name and first bytes, and
what yields its records. A kind reads; it neither writes nor knows the output. Its module is
imported when a source of its kind is met.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from clrctl.building.model import Record
from clrctl.building.problems import NotBuilt, Note, Skipped
from clrctl.document import names
from clrctl.errors import UsageError

STDIN = "-"
_HEAD = 64 * 2**10
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Item: TypeAlias = "Record | NotBuilt | Skipped | Note"
"""What a source yields: records, learners whose record it does not give, what it left out, and what
its author should know."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that records are to be built from.

    Attributes:
        name: its path, or `-` for standard input.
        raw: what it holds, where it was read to see what it is; else empty.
        head: its first bytes; empty for a folder.
        recipe: the path given by `--recipe`, for sources that need one beside them.
        sheet: the sheet given by `--sheet`.
    """

    name: str
    raw: bytes | None = field(default=None, repr=False)
    head: bytes = field(default=b"", repr=False)
    recipe: str = ""
    sheet: str = ""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.name)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.name != STDIN and self.path.is_dir()

    @property
    def suffix(self) -> str:
        """The ending of its name, in lower case, with the dot."""
        return self.path.suffix.lower()

    def says(self, key: str) -> bool:
        """Return whether it looks like YAML or JSON with this key at its top."""
        pattern = rf"(?m)^(?:\ufeff)?[{{ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*:"
        return re.search(pattern, self.head.decode(errors="replace")) is not None


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source.

    Attributes:
        kind: its name.
        title: what it is, in a few words.
        accepts: returns whether a source is of this kind.
        records: yields what is in it, and is to be closed. It may raise `Refused` for what concerns
            all records, and InputError for what cannot be opened.
        many: whether it may hold more than one record.
    """

    kind: str
    title: str
    accepts: Callable[[Source], bool]
    records: Callable[[Source], Generator[Item, None, None]]
    many: bool = True


def _recipe(source: Source) -> Generator[Item, None, None]:
    from clrctl.building.recipe import load

    yield load.load(source.name, source.raw)


def _tables(source: Source) -> Generator[Item, None, None]:
    from clrctl.building.tables import source as tables

    if source.name == STDIN:
        raise UsageError(
            "a mapping alone says nothing of its tables", fix="name the folder they lie in"
        )
    with tables.load(source.name, sheet=source.sheet, mapping=source.recipe) as found:
        yield from found.records()


def _is_tables(source: Source) -> bool:
    if source.is_folder:
        own = any((source.path / name).is_file() for name in ("mapping.yaml", "mapping.yml"))
        return own or (Path(source.recipe).is_file() and opened(source.recipe).says("tables"))
    return source.suffix in (".xlsx", ".xlsm") or source.says("tables")


def _roster(source: Source) -> Generator[Item, None, None]:
    from clrctl.building import oneroster

    is_export = source.is_folder or not source.says("oneroster")
    if is_export and not source.recipe:
        raise oneroster.wants_recipe(source.name)
    recipe = source.recipe if is_export else ""
    with oneroster.load(source.name, recipe, source.raw) as found:
        yield from found.records()


def _holds_roster(folder: Path) -> bool:
    names = {path.name.casefold() for path in folder.glob("*.*")}
    return {"results.csv", "users.csv"} <= names


def _is_roster(source: Source) -> bool:
    if source.is_folder:
        return _holds_roster(source.path)
    return source.suffix == ".zip" or source.says("oneroster")


SOURCE_KINDS = (
    SourceKind(
        "recipe",
        "a recipe: YAML or JSON with `recipe: 1`, for one learner",
        lambda source: source.says("recipe"),
        _recipe,
        many=False,
    ),
    SourceKind(
        "tables",
        "a folder of tables (CSV or .xlsx) with mapping.yaml, for many learners",
        _is_tables,
        _tables,
    ),
    SourceKind(
        "oneroster",
        "a OneRoster export (zip or folder) with a recipe for it (--recipe), for many learners",
        _is_roster,
        _roster,
    ),
)


def opened(name: str, *, recipe: str = "", sheet: str = "") -> Source:
    """Look at a source as far as is needed to tell what it is.

    Raises:
        InputError: it cannot be read.
    """
    if name == STDIN:
        raw = sys.stdin.buffer.read()
        return Source(name, raw, raw[:_HEAD], recipe, sheet)
    try:
        if name.endswith("]") and not Path(name).exists():
            from clrctl.building.tables import split

            name, named = split(name)
            sheet = sheet or named
        if Path(name).is_dir():
            return Source(name, recipe=recipe, sheet=sheet)
        with Path(name).open("rb") as stream:
            return Source(name, None, stream.read(_HEAD), recipe, sheet)
    except OSError as problem:
        raise names.unreadable(name, problem) from None


def kind_of(source: Source) -> SourceKind:
    """Return the kind of a source.

    Raises:
        UsageError: it is of none.
    """
    found = next((kind for kind in SOURCE_KINDS if kind.accepts(source)), None)
    if found is None:
        why, fix = _strange(source)
        raise UsageError(
            "nothing can be built from this",
            where=source.name,
            why=why,
            fix=fix or "what can be built is " + "; or ".join(kind.title for kind in SOURCE_KINDS),
        )
    return found


def _strange(source: Source) -> tuple[str, str]:
    """Return why a source is of no kind, and what to do where that can be told."""
    folder = source.path if source.is_folder else source.path.parent
    guess = (
        f"let `clrctl map {folder / '*.csv'} -o {folder / 'mapping.yaml'}` guess one to start from"
    )
    if source.is_folder and next(source.path.glob("*.csv"), None):
        return "there is no mapping.yaml that says what its tables mean", guess
    if source.is_folder and (book := next(source.path.glob("*.xlsx"), None)):
        guess = guess.replace(str(folder / "*.csv"), str(book))
        return "there is no mapping.yaml that says what its tables mean", guess
    if source.is_folder:
        return "the folder has none of the files that a source has", ""
    if source.suffix == ".csv" and _holds_roster(folder):
        return (
            "it is one file of a OneRoster export",
            f"name its folder: clrctl build {folder} -r report-card.yaml -o records",
        )
    if source.suffix in (".csv", ".tsv") and (folder / "mapping.yaml").is_file():
        return "it is one table of several", f"name its folder: clrctl build {folder}"
    if source.suffix in (".csv", ".tsv"):
        return "there is no mapping.yaml beside it that says what it means", guess
    if source.says("@context"):
        return (
            "it is a credential already",
            "validate or upload it as it is, or wrap it in a record",
        )
    if not source.head.strip():
        return "it is empty", "was it saved? `clrctl new recipe` writes one to start from"
    if source.head.startswith(_WIDE) or b"\0" in source.head[:4]:
        return "it is UTF-16 text or no text at all, and only UTF-8 is read", "save it as UTF-8"
    if source.suffix in (".yaml", ".yml", ".json") or source.name == STDIN:
        return (
            "it does not say what it is",
            "begin it with `recipe: 1`, or `tables: 1`, or `oneroster: 1`; `clrctl new recipe` "
            "writes a recipe to start from",
        )
    return "", ""
