"""The project file `.clrctl.yaml`, and the flags that go over it: how findings are to count.

A project file comes with a repository, so whoever runs clrctl there has not chosen it: it can
say what is checked and how it counts, never where anything is sent or in whose name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clrctl.checking.policy import AS_IS, Policy
from clrctl.document import Document, parse
from clrctl.errors import InputError, UsageError
from clrctl.finding import Finding, Json, Severity, pointer
from clrctl.util import nearest

NAME = ".clrctl.yaml"
STANDARD = "standard"
FIXED = ("parse", "document")
"""Areas whose codes stand: a document that cannot be read has no verdict to change."""

_KEYS = ("ignore", "severity", "ruleset", "strict")
_MISPLACED = ("endpoint", "endpoints", "token", "token_file", "url")


@dataclass(frozen=True, slots=True)
class Checks:
    """What credentials are held to, and how the findings count.

    Attributes:
        policy: what is ignored, and what has another severity.
        rulesets: at least one, in the order given.
        strict: warnings count as errors.
        source: path of the project file; empty when there is none.
    """

    policy: Policy
    rulesets: tuple[str, ...]
    strict: bool
    source: str


@dataclass(frozen=True, slots=True)
class Wish:
    """One change to how findings count.

    Attributes:
        name: a code, or `area/*` for all codes of an area.
        severity: the severity wanted; None to ignore them.
        where: who wants it: a flag, or a place in the project file.
    """

    name: str
    severity: Severity | None
    where: str


def resolve(
    ignore: Sequence[str] = (),
    severity: Sequence[str] = (),
    ruleset: Sequence[str] = (),
    *,
    strict: bool = False,
    cwd: Path,
) -> Checks:
    """Return what to check: the flags, over the project file, over what is built in.

    Flags add to what the file ignores and regrades; where both name a code, the flag counts.
    Rulesets of a flag take the place of the file's. Either can ask to be strict.

    Args:
        ignore: values of `--ignore`: a code, or `area/*`.
        severity: values of `--severity`: a code or `area/*`, `=`, and `error` or `warning`.
        ruleset: values of `--ruleset`.
        strict: whether `--strict` was given.
        cwd: the folder from which the project file is looked for.

    Raises:
        UsageError: a code, key or value that is unknown or cannot be used; it says where.
        InputError: the project file cannot be read.
    """
    file = find(cwd)
    settings = _Settings(file) if file else None
    flags = [Wish(name, None, "--ignore") for name in ignore]
    flags += [_from_flag(value) for value in severity]
    chosen = tuple(dict.fromkeys(ruleset)) or (settings.rulesets if settings else ())
    return Checks(
        policy=policy(settings.wishes if settings else (), flags),
        rulesets=check_rulesets(chosen, "--ruleset") or (STANDARD,),
        strict=strict or (settings is not None and settings.strict),
        source=str(file) if file else "",
    )


def find(cwd: Path) -> Path | None:
    """Return the nearest project file from a folder upwards, or None.

    The search ends at the root of the repository (the folder with `.git`) or at the home folder.
    Outside of both only the folder itself counts: what lies further up belongs to others.
    """
    tops = (folder for folder in (cwd, *cwd.parents) if _is_top(folder))
    top = next(tops, cwd)
    folders = (cwd, *(folder for folder in cwd.parents if folder.is_relative_to(top)))
    return next((file for folder in folders if (file := folder / NAME).is_file()), None)


def policy(*sources: Iterable[Wish]) -> Policy:
    """Return the policy of several sources of wishes, the later ones counting more.

    Within one source a code counts more than its area.

    Raises:
        UsageError: a code is unknown, or cannot be changed.
    """
    verdicts: dict[str, Severity | None] = {}
    for wishes in sources:
        for wish in sorted(wishes, key=lambda wish: not wish.name.endswith("/*")):
            verdicts.update(dict.fromkeys(_codes_of(wish), wish.severity))
    if not verdicts:
        return AS_IS
    return Policy(
        ignore=frozenset(code for code, severity in verdicts.items() if severity is None),
        severities={code: severity for code, severity in verdicts.items() if severity},
    )


def check_rulesets(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the rulesets as they are, if each is known.

    Raises:
        UsageError: one is not.
    """
    from clrctl.standard import schemas

    known = dict.fromkeys(entry.ruleset for entry in schemas.entries())
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no ruleset {name}", where=where, fix=_suggested(name, known)
            )
    return tuple(names)


def grade(name: str, where: str) -> Severity:
    """Return a severity by its name.

    Raises:
        UsageError: there is none of this name.
    """
    try:
        return Severity(name)
    except ValueError:
        known = [severity.value for severity in Severity]
        raise UsageError(
            f"there is no severity {name}", where=where, fix=_suggested(name, known)
        ) from None


def _is_top(folder: Path) -> bool:
    return (folder / ".git").exists() or folder == Path.home()


def _from_flag(value: str) -> Wish:
    code, sign, name = value.partition("=")
    if not sign:
        raise UsageError(
            f"{value} names no severity", where="--severity", fix="write it as CODE=warning"
        )
    return Wish(code, grade(name, "--severity"), "--severity")


def _codes_of(wish: Wish) -> Iterable[str]:
    from clrctl.checking.codes import all_codes

    area, _, rest = wish.name.partition("/")
    if area in FIXED:
        raise UsageError(
            f"{wish.name} can be neither ignored nor regraded",
            where=wish.where,
            why="a document that cannot be read as a credential has no verdict",
        )
    codes = [entry.code for entry in all_codes()]
    meant = [
        code for code in codes if code == wish.name or (rest == "*" and code.startswith(f"{area}/"))
    ]
    if not meant:
        areas = [code.partition("/")[0] + "/*" for code in codes]
        hint = nearest(wish.name, [*codes, *areas])
        raise UsageError(
            f"there is no code {wish.name}",
            where=wish.where,
            fix=f"did you mean {hint}?" if hint else "see `clrctl rules` for all codes",
        )
    return meant


def _suggested(name: str, known: Iterable[str]) -> str:
    hint = nearest(name, known)
    return f"did you mean {hint}?" if hint else f"known: {', '.join(known)}"


class _Settings:
    """What one project file says, each value checked."""

    def __init__(self, file: Path) -> None:
        self._document = _read(file)
        data = self._document.data or {}
        if not isinstance(data, dict):
            raise self._error((), "the project file has to hold settings", fix=_EXAMPLE)
        self._check_keys(data)
        self.strict = self._value(data, "strict", bool, "true or false", default=False)
        self.rulesets = tuple(self._texts(data, "ruleset"))
        for index, name in enumerate(self.rulesets):
            check_rulesets([name], self._where(("ruleset", index)))
        self.wishes = [*self._ignored(data), *self._graded(data)]

    def _ignored(self, data: dict[str, Json]) -> Iterable[Wish]:
        for index, name in enumerate(self._texts(data, "ignore")):
            yield Wish(name, None, self._where(("ignore", index)))

    def _graded(self, data: dict[str, Json]) -> Iterable[Wish]:
        grades: Mapping[str, Json] = self._value(
            data, "severity", dict, "a map from codes to error or warning", default={}
        )
        for code, name in grades.items():
            where = self._where(("severity", code))
            yield Wish(code, grade(str(name), where), where)

    def _texts(self, data: dict[str, Json], key: str) -> list[str]:
        values: list[Json] = self._value(data, key, list, "a list, such as [...]", default=[])
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise self._error((key, index), f"{key} holds something that is no name")
        return values

    def _value(
        self, data: dict[str, Json], key: str, kind: type, words: str, *, default: Json
    ) -> Json:
        value = data.get(key, default)
        if not isinstance(value, kind):
            raise self._error((key,), f"{key} has to be {words}", fix=_EXAMPLE)
        return value

    def _check_keys(self, data: dict[str, Json]) -> None:
        for key in data:
            if key in _MISPLACED:
                raise self._error(
                    (key,),
                    f"{key} must not be in a project file",
                    why="a repository may not choose where records and tokens are sent",
                    fix="put it in the config file that `clrctl endpoints` names",
                )
            if key not in _KEYS:
                raise self._error((key,), f"unknown setting {key}", fix=_suggested(key, _KEYS))

    def _error(
        self, path: tuple[str | int, ...], what: str, *, why: str = "", fix: str = ""
    ) -> UsageError:
        return UsageError(what, where=self._where(path), why=why, fix=fix)

    def _where(self, path: tuple[str | int, ...]) -> str:
        finding = Finding("", Severity.ERROR, pointer(path), "", at_key=True)
        (placed,) = self._document.locate([finding])
        return f"{self._document.source}:{placed.line}:{placed.column}"


_EXAMPLE = "such as ignore: [proof/missing]"


def _read(file: Path) -> Document:
    try:
        raw = file.read_bytes()
    except OSError as problem:
        raise InputError(
            "cannot read the project file", where=str(file), why=problem.strerror or ""
        ) from None
    document = parse(raw, source=str(file), syntax="yaml")
    if document.faults and document.faults[0].code != "parse/empty":
        fault = document.faults[0]
        raise UsageError(
            "the project file cannot be read as YAML",
            where=f"{file}:{fault.line}:{fault.column}",
            why=fault.message,
            fix=fault.fix,
        )
    return document
