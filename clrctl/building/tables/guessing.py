"""What the columns of an export probably are, by what student systems usually call them.

The words are in `headers`. A guess is only ever shown to somebody: nothing is built on it.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from clrctl.building.identities import personal
from clrctl.building.tables import headers
from clrctl.building.tables.fields import FIELDS, RESULT, Table
from clrctl.util import visible

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+-]+)*")
_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")

_SPELT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "œ": "oe"}
    | {"#": " number ", "№": " number ", "%": " percent "}
)
_NUMBER_SIGN = re.compile(r"\b[nN][º°]")
_COMPOUND = re.compile(r"\b([a-z]{3,})(?:nr|nummer)\b")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FRONT = re.compile(r"\[?(\w+)[].](?=\w)")
_IN_FRONT = frozenset(headers.TABLES_IN_FRONT.split())


def _any(_field: str, _column: str) -> bool:
    return True


def fields(
    table: Table, header: Iterable[str], fits: Callable[[str, str], bool] = _any
) -> dict[str, str]:
    """Return columns by the names of the fields that they probably are, each once.

    Args:
        table: whose fields.
        header: the columns.
        fits: returns whether what stands in a column can be a field, by the name of either.
    """
    free = {name: _spellings(name) for name in header if name and not personal(name)}
    found: dict[str, str] = {}
    for field in FIELDS[table]:
        usual = f"{field.header},{field.name},{headers.HEADERS[table].get(field.name, '')}"
        if column := _first(_those(free, field.name, fits), usual):
            found[field.name] = column
            del free[column]
    return found


def results(header: Iterable[str], fits: Callable[[str, str], bool] = _any) -> dict[str, str]:
    """Return columns by the names of the results that they probably are; `fits` as for `fields`."""
    free = {name: _spellings(name) for name in header if name and not personal(name)}
    found = {name.removeprefix(RESULT).strip(): name for name in free if name.startswith(RESULT)}
    canonical = dict(found)
    # The general word comes last: a score may be a grade, and is one where it is no number.
    free = {name: one for name, one in free.items() if name not in canonical.values()}
    for result, usual in reversed(headers.RESULTS.items()):
        if result in canonical:
            continue
        if column := _first(_those(free, result, fits), usual):
            found[result] = column
            del free[column]
    return canonical | {result: found[result] for result in headers.RESULTS if result in found}


def _those(
    free: dict[str, frozenset[str]], name: str, fits: Callable[[str, str], bool]
) -> dict[str, frozenset[str]]:
    return {column: spellings for column, spellings in free.items() if fits(name, column)}


def named(header: Iterable[str], usual: str) -> str:
    """Return the column that is called as one of these headers, or an empty text."""
    return _first({name: _spellings(name) for name in header if name and not personal(name)}, usual)


def _first(free: dict[str, frozenset[str]], usual: str) -> str:
    """Return the column for the first of these headers that there is, or an empty text."""
    for wanted in _usual(usual):
        for column, spellings in free.items():
            if wanted in spellings:
                return column
    return ""


@functools.cache
def _usual(phrases: str) -> tuple[str, ...]:
    """Return headers as they are compared."""
    return tuple(
        dict.fromkeys(_compared(_words(phrase)) for phrase in phrases.split(",") if phrase)
    )


@functools.lru_cache(maxsize=4096)
def _spellings(name: str) -> frozenset[str]:
    """Return what the name of a column may be compared as."""
    words = _words(name)
    found = [words]
    front = _FRONT.match(name)
    if front and (front[1].lower() in _IN_FRONT or front[1].isdigit()):
        found.append(_words(name[front.end() :]))
    elif len(words) > 1 and re.fullmatch(headers.BANNER, words[0]):
        about = [words[0].removeprefix("stv")] if words[0].startswith("stv") else []
        found.append([*about, *words[1:]])
    return frozenset(map(_compared, found))


def _compared(words: list[str]) -> str:
    """Return words without abbreviations, noise and order, and without blanks between them."""
    plain = [_written_out().get(word, word) for word in words]
    told = [word for word in plain if word not in _noise()] or plain
    return "".join(sorted(_written_out().get(word, word) for word in told))


def _words(name: str) -> list[str]:
    whole = unicodedata.normalize("NFC", name)
    spelt = _NUMBER_SIGN.sub(" number ", whole).translate(_SPELT)
    spaced = _CAMEL.sub(" ", spelt)
    letters = unicodedata.normalize("NFKD", spaced)
    plain = "".join(char for char in letters if not unicodedata.combining(char)).lower()
    return _COMPOUND.sub(r"\1 number", " ".join(re.findall(r"[a-z0-9]+", plain))).split()


@functools.cache
def _written_out() -> dict[str, str]:
    return {
        plain: word
        for word, short in headers.ABBREVIATIONS.items()
        for one in short.split()
        for plain in _words(one)
    }


@functools.cache
def _noise() -> frozenset[str]:
    return frozenset(headers.NOISE.split())


def table_of(header: Iterable[str]) -> Table:
    """Return which table this probably is, by what it has the most columns for."""
    names = list(header)
    awards = fields("awards", names)
    about = {"achievement", "achievement_name"} & awards.keys()
    joins = "learner" in awards and bool(about)
    counts: dict[Table, int] = {
        "learners": len(fields("learners", names)),
        "awards": joins * (len(awards) + 2 * len(results(names))),
        "achievements": len(fields("achievements", names)),
        "associations": 2 * len(fields("associations", names)),
    }
    return max(counts, key=lambda table: counts[table])


def is_course(name: str) -> bool:
    """Return whether a column is, by its name, about courses."""
    return any(word in _COURSES for word in _words(name))


_COURSES = frozenset(_words(headers.COURSES))


def _meanings() -> Iterator[tuple[str, str]]:
    for meaning, words in headers.STATUSES.items():
        yield from ((word, meaning) for word in words.split())


def statuses() -> dict[str, str]:
    """Return what words of schools mean, by the words in lower case without blanks."""
    return dict(_meanings())


def as_yaml(text: str) -> str:
    """Return a text as YAML, on one line, that every reader takes for this text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return visible(json.dumps(text, ensure_ascii=False), kept="")
