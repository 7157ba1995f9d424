"""Recipes and mappings read by key: every scalar is text, and its key decides what it is.

A `Mapping` is one object of the file; asking it for a key gives the value in the type wanted. What
is wrong is noted, with its line, and an empty value returned, so that one run tells everything:

    root = open_mapping("recipe.yaml", raw)      # raises Refused where it cannot be read
    issuer = root.mapping("issuer")              # an empty Mapping where there is none
    name = issuer.text("name", needed=True)
    credits = issuer.decimal("credits")
    for key, entry in root.mapping("achievements").each(): ...
    root.finish()                                # unknown keys are problems too; raises Refused

A key that was never asked for is unknown. `finish` therefore comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePath

from clrctl.building import dates, vocabulary
from clrctl.building.model import Place, When
from clrctl.building.problems import Problem, Refused, decimal_comma, likely, listed
from clrctl.building.vocabulary import Vocabulary
from clrctl.document import Syntax, TextNode, names, parse_texts
from clrctl.errors import InputError
from clrctl.util import nearest

_SUFFIXES: dict[str, Syntax] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_START = "`clrctl new recipe` and `clrctl new tables` write files to start from"
_TRUTH = {"true": True, "false": False}
UNFILLED = "CHANGE-ME"
"""What stands in a guessed mapping where somebody has to fill in what only they know."""
LARGEST = 64 * 2**20
"""Most bytes of a file that is read whole."""


def read_file(path: str) -> bytes:
    """Return what a file of a source holds.

    Raises:
        InputError: it cannot be read, or is larger than anything a person wrote.
    """
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as problem:
        raise names.unreadable(path, problem) from None
    if len(raw) > LARGEST:
        raise InputError("is larger than 64 MiB", where=path, fix="is it the right file?")
    return raw


def open_mapping(source: str, raw: bytes) -> Mapping:
    """Return the object that a YAML or JSON file holds.

    Args:
        source: the name of the file, for messages; its suffix tells the syntax.
        raw: what it holds.

    Raises:
        Refused: it is neither YAML nor JSON, or no object; each fault with its line.
    """
    parsed = parse_texts(raw, syntax=_SUFFIXES.get(PurePath(source).suffix.lower()))
    if parsed.root is None:
        raise Refused(
            Problem(fault.message, Place(source, fault.line or 0), fault.fix)
            for fault in parsed.faults
        )
    return Mapping(source, "", parsed.root, [])


class Mapping:
    """An object of a recipe or mapping file, read by key.

    Attributes:
        place: where it stands.
        path: its name in messages, such as `achievements.math6`; empty for the whole file.
        problems: what is wrong in the whole file, as far as it was read.
    """

    def __init__(
        self, source: str, path: str, node: TextNode | None, problems: list[Problem]
    ) -> None:
        self._source = source
        self._members: dict[str, TextNode] = {}
        self._asked: dict[str, None] = {}
        self._inner: list[Mapping] = []
        self.path = path
        self.problems = problems
        self.place = Place(source, _line(node) if node else 0)
        if node is not None and isinstance(node.value, dict):
            self._members = node.value
        elif node is not None and node.value is not None:
            self._complain(node, f"{path or 'the file'} has to hold keys with values")

    def __contains__(self, key: str) -> bool:
        """Return whether something is written under a key."""
        return key in self._members and self._members[key].value is not None

    def __bool__(self) -> bool:
        """Return whether there is anything in it."""
        return bool(self._members)

    def __iter__(self) -> Iterator[str]:
        """Yield every key; it takes reading one to make it known."""
        yield from self._members

    def is_text(self, key: str) -> bool:
        """Return whether a single text is written under a key."""
        return key in self._members and isinstance(self._members[key].value, str)

    def is_list(self, key: str) -> bool:
        """Return whether a list is written under a key."""
        return key in self._members and isinstance(self._members[key].value, list)

    def at(self, key: str) -> Place:
        """Return the place of a key, or of the whole where there is none."""
        node = self._members.get(key)
        return Place(self._source, _line(node)) if node else self.place

    def problem(self, message: str, *, key: str = "", fix: str = "") -> None:
        """Note that something is wrong at a key, or with the whole."""
        self.problems.append(Problem(message, self.at(key) if key else self.place, fix))

    def problem_at(self, place: Place, message: str, *, fix: str = "") -> None:
        """Note that something is wrong at a place."""
        self.problems.append(Problem(message, place, fix))

    def text(self, key: str, *, needed: bool = False) -> str:
        """Return a text; empty where there is none."""
        node = self._get(key, needed=needed)
        if node is None or node.value is None:
            return ""
        if not isinstance(node.value, str):
            self._complain(node, f"{self._full(key)} has to be text")
            return ""
        if needed and not node.value.strip():
            self._complain(node, f"{self._full(key)} is empty")
        return node.value

    def texts(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """Return a list of texts; a lone one counts as a list."""
        node = self._get(key, needed=needed)
        if node is None or node.value is None:
            return ()
        items = node.value if isinstance(node.value, list) else [node]
        found = []
        for item in items:
            if isinstance(item.value, str):
                found.append(item.value)
            else:
                self._complain(item, f"{self._full(key)} has to be a list of texts")
        return tuple(found)

    def decimal(self, key: str) -> Decimal | None:
        """Return a number with all its digits, None where there is none."""
        text = self.text(key)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or text != text.strip() or "_" in text:
            message = f'{self._full(key)} "{text}" is no number'
            self.problem(message, key=key, fix=decimal_comma(text))
            return None
        return number

    def truth(self, key: str) -> bool | None:
        """Return true or false, None where neither is written."""
        text = self.text(key)
        if text and text not in _TRUTH:
            self.problem(
                f'{self._full(key)} "{text}" is neither true nor false',
                key=key,
                fix="write true or false",
            )
        return _TRUTH.get(text)

    def when(self, key: str, *, needed: bool = False) -> When | None:
        """Return a day or a moment, None where there is none."""
        text = self.text(key, needed=needed)
        if not text:
            return None
        try:
            return dates.read(text)
        except dates.NotADate as problem:
            message = f'{self._full(key)} "{text}" {problem}'
            self.problem(message, key=key, fix=dates.FORM)
            return None

    def word(self, key: str, name: Vocabulary, *, needed: bool = False) -> str:
        """Return a word of a vocabulary of the standard; empty where there is none."""
        text = self.text(key, needed=needed)
        if text and not vocabulary.allows(name, text):
            words = vocabulary.words(name)
            hint = likely(text, words)
            own = f"; a word of your own begins with {vocabulary.OWN}"
            self.problem(
                f'{self._full(key)} "{text}" is not one of {listed(words)}',
                key=key,
                fix=hint or f"take one of them{own if vocabulary.is_open(name) else ''}",
            )
        return text

    def mapping(self, key: str, *, needed: bool = False) -> Mapping:
        """Return the object under a key; an empty one where there is none."""
        node = self._get(key, needed=needed)
        return self._hold(self._full(key), node)

    def mappings(self, key: str) -> list[Mapping]:
        """Return the objects of a list; a lone object counts as a list."""
        node = self._get(key)
        if node is None or node.value is None:
            return []
        items = node.value if isinstance(node.value, list) else [node]
        return [
            self._hold(f"{self._full(key)}[{index}]", item) for index, item in enumerate(items, 1)
        ]

    def each(self) -> Iterator[tuple[str, Mapping]]:
        """Yield every key, whatever it is, with the object under it."""
        for key in self._members:
            yield key, self.mapping(key)

    def each_text(self) -> Iterator[tuple[str, str]]:
        """Yield every key, whatever it is, with the text under it."""
        for key in self._members:
            yield key, self.text(key)

    def items(self, key: str) -> Iterator[tuple[Place, str | Mapping]]:
        """Yield the items of a list, each with its place: texts, and objects."""
        node = self._get(key)
        if node is None or node.value is None:
            return
        nodes = node.value if isinstance(node.value, list) else [node]
        for index, item in enumerate(nodes, 1):
            place = Place(self._source, _line(item))
            if isinstance(item.value, str):
                yield place, item.value
            else:
                yield place, self._hold(f"{self._full(key)}[{index}]", item)

    def allow(self, keys: Iterable[str]) -> None:
        """Take keys as known without reading them."""
        self._asked.update(dict.fromkeys(keys))

    def finish(self) -> None:
        """Note the keys that nothing asked for, and those not filled in; raise what is wrong.

        Raises:
            Refused: there are problems in the file.
        """
        self._note_unknown()
        if unfilled := list(self._unfilled(self._members)):
            lines = {problem.place.line for problem in unfilled}
            others = [problem for problem in self.problems if problem.place.line not in lines]
            self.problems[:] = [*unfilled, *others]
        if self.problems:
            self.problems.sort(key=lambda problem: problem.place.line)
            raise Refused(self.problems)

    def _note_unknown(self) -> None:
        for key in self._members:
            if key not in self._asked:
                hint = nearest(key, self._asked.keys() - self._members.keys())
                known = ", ".join(self._asked)
                self.problem(
                    f"{self._full(key)} is not a known key",
                    key=key,
                    fix=f"did you mean {hint}?" if hint else f"known here: {known}",
                )
        for inner in self._inner:
            inner._note_unknown()

    def _unfilled(self, members: dict[str, TextNode], path: str = "") -> Iterator[Problem]:
        """Yield a problem for each text that still is to be replaced."""
        for key, node in members.items():
            name = f"{path}.{key}" if path else key
            items = node.value if isinstance(node.value, list) else [node]
            for item in items:
                if isinstance(item.value, dict):
                    yield from self._unfilled(item.value, name)
                elif isinstance(item.value, str) and UNFILLED in item.value:
                    fix = f"write what it is in place of {UNFILLED}"
                    place = Place(self._source, _line(item))
                    yield Problem(f"{name} is not filled in yet", place, fix)

    def _hold(self, path: str, node: TextNode | None) -> Mapping:
        held = Mapping(self._source, path, node, self.problems)
        if node is None or node.value is None:
            held.place = self.place
        self._inner.append(held)
        return held

    def _get(self, key: str, *, needed: bool = False) -> TextNode | None:
        self._asked[key] = None
        node = self._members.get(key)
        if needed and (node is None or node.value is None):
            what = "is missing" if node is None else "is empty"
            self.problem(f"{self._full(key)} {what}", key=key, fix="" if self.path else _START)
        return node

    def _full(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _complain(self, node: TextNode, message: str) -> None:
        self.problems.append(Problem(message, Place(self._source, _line(node))))


def _line(node: TextNode) -> int:
    return node.name_line or node.line
