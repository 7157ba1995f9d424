"""The columns that tables can have: what they are called where no mapping names them.

A field has one name, which a mapping uses, and a canonical header, under which it is found
without a mapping. Adding a field is one entry here and the line that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Table: TypeAlias = Literal["learners", "achievements", "awards", "associations"]

Joint: TypeAlias = Literal["", "learner", "achievement"]
"""Whose keys a column holds; empty: no keys."""

TABLES: tuple[Table, ...] = ("learners", "achievements", "awards", "associations")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table.

    Attributes:
        name: what a mapping calls it.
        header: its canonical header.
        doc: what stands in it.
        joins: whose keys stand in it: its text joins rows of tables, and is taken to the letter.
    """

    name: str
    header: str
    doc: str
    joins: Joint = ""

    @property
    def is_code(self) -> bool:
        """Whether codes stand in it, which spreadsheets take for numbers and days."""
        return bool(self.joins) or self.name in ("code", "achievement_code", "occurrence")


def _same(name: str, doc: str) -> Field:
    return Field(name, name, doc)


_ALIGNMENTS = 3
_LEARNER = (
    Field("key", "learner_id", "stable local key; all personal ids depend on it", "learner"),
    _same("name", "full name"),
    _same("given_name", "given name, where the full name is not one column"),
    _same("family_name", "family name, where the full name is not one column"),
    _same("email", "address; published as a salted hash"),
    _same("did", "DID or URI of the learner's own, instead of a derived id"),
    _same("sourced_id", "OneRoster sourcedId; published only if the column is there"),
    _same("state_id", "state's number; published, hashed, only if the column is there"),
)
_ALIGNMENT = (
    ("code", "code of a node of a framework that it is about"),
    ("name", "what the node is called"),
    ("url", "address of the node"),
    ("framework", "the framework"),
)
_ACHIEVEMENT = (
    Field("key", "achievement_id", "stable local key, such as a course number", "achievement"),
    _same("name", "what it is called"),
    _same("criteria", "what it takes to achieve it"),
    _same("criteria_url", "a page that says so"),
    _same("type", "achievementType: Course, Competency, SecondarySchoolDiploma, ..."),
    _same("description", "what it is about; default: the name"),
    _same("code", "what people call it by: the course number on paper"),
    _same("credits", "credits that can be earned"),
    _same("field", "subject area or department"),
    _same("specialization", "major or concentration"),
    _same("version", "edition of the definition, such as a catalogue year"),
    _same("image", "address of its picture"),
    _same("tags", "keywords with ; between them"),
)
_AWARD = (
    Field("learner", "learner_id", "key of the learner", "learner"),
    Field("achievement", "achievement_id", "key of the achievement", "achievement"),
    Field("on", "awarded", "day it was awarded"),
    _same("revised", "day on which the row last changed"),
    _same("term", "term, as people call it"),
    _same("occurrence", "what tells two awards in one term apart, such as the section"),
    _same("start", "first day of the activity"),
    _same("end", "last day of the activity"),
    _same("expires", "last day on which it holds"),
    _same("credits", "credits earned; 0 is kept"),
    _same("role", "role the learner had"),
    _same("license", "licence number"),
    _same("status", "Completed, Enrolled, Failed, InProgress, OnHold, Provisional, Withdrew"),
    _same("narrative", "what is said of this award"),
    _same("evidence_url", "address of work that supports it"),
    _same("evidence_name", "what that work is called"),
)

# Where one file holds everything, what belongs to other tables goes by these names.
SHORTCUTS: dict[Table, dict[str, str]] = {
    "achievements": {
        "achievement": "key",
        "achievement_name": "name",
        "achievement_type": "type",
        "achievement_description": "description",
        "achievement_code": "code",
        "achievement_credits": "credits",
        "achievement_field": "field",
        "criteria": "criteria",
        "criteria_url": "criteria_url",
    },
    "learners": {
        "learner": "key",
        "learner_name": "name",
        "learner_given_name": "given_name",
        "learner_family_name": "family_name",
        "learner_email": "email",
    },
}


def _alignment(number: int) -> tuple[Field, ...]:
    mark = "" if number == 1 else f"_{number}"
    return tuple(_same(f"align_{part}{mark}", doc) for part, doc in _ALIGNMENT)


def _shortcut(table: Table, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    docs = {field.name: field.doc for field in fields}
    return tuple(
        _same(name, f"{docs[target]} ({table} in the same rows)")
        for name, target in SHORTCUTS[table].items()
        if target != "key"
    )


ALIGNMENTS = tuple(
    tuple(field.name for field in _alignment(number)) for number in range(1, _ALIGNMENTS + 1)
)
"""The names of the columns of each alignment: code, name, address, framework."""

FIELDS: dict[Table, tuple[Field, ...]] = {
    "learners": _LEARNER,
    "achievements": (
        *_ACHIEVEMENT,
        *(field for number in range(1, _ALIGNMENTS + 1) for field in _alignment(number)),
    ),
    "awards": (
        *_AWARD,
        *_shortcut("achievements", _ACHIEVEMENT),
        *_shortcut("learners", _LEARNER),
    ),
    "associations": (
        Field("source", "source", "key of the achievement it begins at", "achievement"),
        _same("type", "associationType: isPartOf, isChildOf, precedes, ..."),
        Field("target", "target", "key of the achievement it leads to", "achievement"),
    ),
}

RESULT = "result:"
"""How the canonical header of a result begins; the name of the result follows."""
