"""Recipes are read by key: every mistake has its line, and all of them are told at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from clrctl.building.problems import Refused, likely, listed
from clrctl.building.recipe import load
from clrctl.building.recipe.reader import open_mapping, read_file
from clrctl.errors import InputError

GOOD = """\
recipe: 1
timezone: America/Chicago
issuer: {id: "https://school.example/issuer", name: School}
learner: {key: "1", name: Odile}
record: {key: transcript, name: Transcript, as_of: 2026-06-01}
scales:
  letter: {type: LetterGrade, values: [B, A]}
achievements:
  math: {name: Mathematics, criteria: Pass., results: {Grade: letter}}
awards:
  - {of: math, on: 2026-05-29, results: {Grade: A}}
"""


def refused(text: str, source: str = "r.yaml") -> list[str]:
    with pytest.raises(Refused) as caught:
        load.load(source, text.encode())
    return [" ".join(problem.lines()) for problem in caught.value.problems]


MISTAKES = [
    # old, new, line, what is said
    ("timezone: America/Chicago", "timezone: Chicago", 2, "IANA time zone"),
    ("timezone:", "time_zone:", 2, "did you mean timezone?"),
    ("name: School", "nmae: School", 3, "issuer.nmae is not a known key"),
    ("name: School", "nmae: School", 3, "issuer.name is missing"),
    ('{key: "1", name: Odile}', "Odile", 4, "learner has to hold keys with values"),
    ('key: "1"', "key: ", 4, "learner.key is empty"),
    ('key: "1"', 'key: " "', 4, "learner.key is empty"),
    ('key: "1"', "key: [1]", 4, "learner.key has to be text"),
    ("2026-06-01", "06/01/2026", 5, 'record.as_of "06/01/2026" is neither a day nor a moment'),
    ("2026-06-01", "26-06-01", 5, "write it like 2026-06-05"),
    ("2026-06-01", "2026-02-30", 5, "is not in the calendar"),
    ("2026-06-01", "2026-06-01T10:00:00", 5, "has no zone"),
    ("as_of: 2026-06-01", "as_of: 2026-06-01, partial: yes", 5, "write true or false"),
    ("LetterGrade", "Lettergrade", 7, 'did you mean "LetterGrade"?'),
    ("LetterGrade", "Colour", 7, "a word of your own begins with ext:"),
    ("[B, A]", "[B, {x: y}]", 7, "scales.letter.values has to be a list of texts"),
    ("Grade: letter", "Grade: leter", 9, 'did you mean "letter"?'),
    ("criteria: Pass.", "criteria: Pass., credits: one", 9, "is no number"),
    ("criteria: Pass.", "criteria: Pass., type: Curse", 9, 'did you mean "Course"?'),
    ("criteria: Pass.", "criteria: Pass., image: none.png", 9, "none.png cannot be read"),
    ("on: 2026-05-29", "on: ", 11, "awards[1].on is empty"),
    ("recipe: 1", "recipe: 2", 1, "a version that is not known"),
    ("recipe: 1", 'recipe: 1\nids: {learner: "https://s.example/{name}"}', 2, "{key} is allowed"),
    ("recipe: 1", 'recipe: 1\nids: {achievement: "https://s.example/"}', 2, "it lacks {key}"),
    ("recipe: 1", 'recipe: 1\nids: {achievement: "s/{key}"}', 2, "begin with https://"),
    ("recipe: 1", "recipe: 1\nassociations: [math isPartOf]", 2, "is not of three words"),
    ("recipe: 1", "recipe: 1\ninclude: [none.yaml]", 2, "none.yaml cannot be read"),
    ("recipe: 1", "recipe: 1\ninclude: [{a: b}]", 2, "has to be a list of files"),
    ("name: Odile}", 'did: "did:x:1", id: "urn:x:1"}', 4, "say the same"),
    ("recipe: 1", "recipe: 1\nrecipe: 1", 2, "occurs twice"),
]


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES, ids=[m[3] for m in MISTAKES])
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    told = refused(GOOD.replace(old, new, 1))
    assert any(text.startswith(f"r.yaml:{line} ") and said in text for text in told), told


def test_all_mistakes_are_told_in_the_order_of_the_file() -> None:
    told = refused(GOOD.replace("Chicago", "Chicagoo").replace("letter}", "leter}"))
    assert [text.partition(" ")[0] for text in told] == ["r.yaml:2", "r.yaml:9"]


def test_what_is_missing_altogether_is_told() -> None:
    told = " ".join(refused("recipe: 1\n"))
    for name in ("issuer", "learner", "record"):
        assert f"{name} is missing" in told
    assert "clrctl new recipe" in told


def test_json_is_a_recipe_too() -> None:
    import json

    from clrctl.document.parsing import parse

    data = parse(GOOD.encode(), syntax="yaml").data
    as_json = load.load("r.json", json.dumps(data).encode())
    assert as_json.awards[0].results == {"Grade": "A"}


def test_parts_and_credentials_are_included(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        "scales: {points: {type: RawScore}}\n"
        "achievements: {art: {name: Art, criteria: Draw., credits: 1.50, results: {P: points}}}\n"
        "associations: [art isPartOf math]\n"
    )
    badge = b'{"@context": ["x"], "n": 1.0}'
    (tmp_path / "badge.json").write_bytes(badge)
    text = f"{GOOD}include: [part.yaml, badge.json]\n"
    record = load.load(str(tmp_path / "r.yaml"), text.encode())
    assert record.frame.achievements["art"].credits == Decimal("1.50")
    assert record.frame.associations[0].place.line == 3
    assert record.wrapped[0].text == badge
    twice = text.replace("  math:", "  art: {name: A, criteria: B.}\n  math:")
    assert "the achievement art is also in" in refused(twice, str(tmp_path / "r.yaml"))[0]
    (tmp_path / "part.yaml").write_text("achievement: {}\n")
    broken = refused(text, str(tmp_path / "r.yaml"))
    assert "part.yaml:1" in broken[0]
    assert "did you mean achievements?" in broken[0]


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_file(str(tmp_path))
    with pytest.raises(Refused):
        open_mapping("x.yaml", b"- a\n").finish()


@pytest.mark.parametrize(
    ("value", "known", "hint"),
    [
        ("102", ["0102", "0103"], "leading zeros"),
        ("B\u00a0", ["A", "B"], "no-break space at its end"),
        (" B", ["A", "B"], "blank at its start"),
        ("complete", ["Completed"], 'mean "Completed"'),
        ("zzz", ["A"], ""),
    ],
)
def test_hints_say_what_was_meant(value: str, known: list[str], hint: str) -> None:
    assert hint in likely(value, known)
    assert bool(likely(value, known)) == bool(hint)


def test_long_lists_are_cut_in_the_middle() -> None:
    assert listed(str(n) for n in range(20)).endswith('"8", … "17", "18", "19"')
    assert listed([]) == "(nothing)"
