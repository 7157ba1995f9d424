"""What a recipe says of a OneRoster export: which results are final grades, and what they mean.

OneRoster is a gradebook and no transcript. Credits, scales, criteria, and which results count are
not in it, and have to be said here; nothing of that is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from clrctl.building.case import Frameworks
from clrctl.building.model import NOWHERE, Alignment, IdTemplates, Organization, Place, Scale
from clrctl.building.passing import STATUS
from clrctl.building.problems import Problem, Refused, likely, listed
from clrctl.building.recipe import Mapping, open_mapping, parts, read_file

KEY = "oneroster"
"""The key whose version number tells that a file is such a recipe."""

COURSE_COLUMNS = ("title", "courseCode", "subjects", "grades", "subjectCodes")
"""What may stand in braces in `criteria` and `description`."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_COLUMNS = ("score", "textScore")
_WRITTEN = ("LetterGrade", "PerformanceLevel", "RubricCriterion", "RubricCriterionLevel")
_NAMES = ("preferred", "legal")
_AWARDED = ("score-date", "term-end")
_CRITERIA = "Pass {title}."
_DESCRIPTION = "{title} ({courseCode})"


@dataclass(frozen=True, slots=True)
class Card:
    """How records are made of an export.

    Attributes:
        final_categories: titles of the categories whose results are final grades; None: not said.
        credits: by `courseCode`.
        alignments: what courses are about, by `courseCode`.
        criteria: what a course asks for, with columns of the course in braces.
        description: what a course is, likewise.
        results: scales by the names of results.
        columns: which column of `results.csv` a result is read from.
        legal_names: whether legal names count, and not the preferred ones.
        award_at_term_end: whether a result without a date counts as awarded when its term ends.
        schools: sourcedIds of the schools whose classes count; empty: all.
        roster: the export, where the recipe names it.
    """

    issuer: Organization
    heading: parts.Heading
    zone: ZoneInfo | None = None
    ids: IdTemplates = field(default_factory=IdTemplates)
    hash_email: bool = True
    final_categories: tuple[str, ...] | None = None
    credits: ReadOnly[str, Decimal] = field(default_factory=dict)
    alignments: ReadOnly[str, tuple[Alignment, ...]] = field(default_factory=dict)
    criteria: str = _CRITERIA
    description: str = _DESCRIPTION
    results: ReadOnly[str, Scale] = field(default_factory=dict)
    columns: ReadOnly[str, str] = field(default_factory=dict)
    legal_names: bool = False
    award_at_term_end: bool = False
    schools: tuple[str, ...] = ()
    roster: str = ""
    place: Place = NOWHERE
    categories_place: Place = NOWHERE

    @property
    def status_name(self) -> str:
        """The name of the result that holds a status; empty: there is none."""
        return next((name for name, scale in self.results.items() if scale.type == STATUS), "")


def load(source: str, raw: bytes | None = None) -> Card:
    """Read a recipe for an export.

    Raises:
        Refused: it cannot be read, or says what it may not say; with all problems and lines.
        InputError: it cannot be opened.
    """
    root = open_mapping(source, read_file(source) if raw is None else raw)
    if KEY not in root:
        raise Refused([_strange(root)])
    parts.version(root, KEY)
    scales = parts.scales(root)
    results, columns = _results(root.mapping("results", needed=True), scales)
    roster = root.text("roster")
    find, aligned = parts.frameworks(root, Frameworks()), root.mapping("align")
    card = Card(
        parts.organization(root.mapping("issuer", needed=True)),
        parts.heading(root),
        zone=parts.zone(root),
        ids=parts.templates(root),
        hash_email=parts.hashes_email(root),
        final_categories=root.texts("final_categories") or None,
        credits=_credits(root.mapping("credits")),
        alignments={code: parts.alignments(aligned, find, code) for code in aligned},
        criteria=_template(root, "criteria", _CRITERIA),
        description=_template(root, "description", _DESCRIPTION),
        results=results,
        columns=columns,
        legal_names=_choice(root, "names", _NAMES) == "legal",
        award_at_term_end=_choice(root, "award_at", _AWARDED) == "term-end",
        schools=root.texts("schools"),
        roster=parts.beside(source, roster) if roster else "",
        place=root.place,
        categories_place=root.at("final_categories"),
    )
    root.finish()
    return card


def _strange(root: Mapping) -> Problem:
    kinds = {"recipe": "a recipe for one learner", "tables": "a mapping of tables"}
    kind = next((kind for key, kind in kinds.items() if key in root), "something else")
    return Problem(
        f"this is {kind}, and not a recipe for a OneRoster export",
        root.place,
        "name one that begins with `oneroster: 1`, and says `final_categories` and `results`",
    )


def filled(template: str, values: ReadOnly[str, str]) -> str:
    """Return a template with the values in the place of their names."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), template)


def placeholders(template: str) -> list[str]:
    """Return the names that stand in braces."""
    return _PLACEHOLDER.findall(template)


def _template(root: Mapping, key: str, default: str) -> str:
    text = root.text(key) or default
    for name in placeholders(text):
        if name not in COURSE_COLUMNS:
            root.problem(
                f"{key}: {{{name}}} is not one of {listed(COURSE_COLUMNS)}",
                key=key,
                fix=likely(name, COURSE_COLUMNS) or "these columns of courses.csv can be used",
            )
    return text


def _choice(root: Mapping, key: str, known: tuple[str, ...]) -> str:
    text = root.text(key)
    if text and text not in known:
        fix = likely(text, known) or f"{known[0]} is what counts where nothing is said"
        root.problem(f'{key} "{text}" is not one of {listed(known)}', key=key, fix=fix)
    return text


def _credits(entry: Mapping) -> dict[str, Decimal]:
    found = {code: entry.decimal(code) for code, _ in entry.each_text()}
    return {code: number for code, number in found.items() if number is not None}


def _results(given: Mapping, known: dict[str, Scale]) -> tuple[dict[str, Scale], dict[str, str]]:
    """Read `results`: names with a scale, or with a scale and the column to read."""
    results: dict[str, Scale] = {}
    columns: dict[str, str] = {}
    for name in given:
        entry = None if given.is_text(name) else given.mapping(name)
        named = entry.text("scale", needed=True) if entry else given.text(name)
        if named not in known:
            given.problem(
                f'{given.path}.{name} "{named}" is no scale; there are {listed(known)}',
                key=name,
                fix=likely(named, known) or f"add {named} to scales",
            )
            continue
        results[name] = scale = known[named]
        if scale.type != STATUS:
            columns[name] = _column(given, entry, name, scale)
    for column in _COLUMNS:
        if len(names := [name for name, one in columns.items() if one == column]) > 1:
            given.problem(
                f"{listed(names)} are both read from {column}",
                fix="keep one, or say which column: {scale: letter, column: textScore}",
            )
    return results, columns


def _column(given: Mapping, entry: Mapping | None, name: str, scale: Scale) -> str:
    """Return the column that a result is read from: what is said, or what fits its scale."""
    column = entry.text("column") if entry else ""
    if column and column not in _COLUMNS:
        given.problem(
            f'{given.path}.{name}: column "{column}" is not one of {listed(_COLUMNS)}',
            key=name,
            fix=likely(column, _COLUMNS) or "these columns of results.csv hold grades",
        )
    if column:
        return column
    return "textScore" if scale.values or scale.levels or scale.type in _WRITTEN else "score"
