"""What programs do to texts is told from what people write."""

from __future__ import annotations

import pytest

from clrctl.building import damage
from clrctl.building.problems import likely, likely_key


@pytest.mark.parametrize("key", ["1.00E+06", "1E+06", "5,23E+04", "1.2e-3"])
def test_scientific_notation_is_no_id(key: str) -> None:
    found = damage.of_key(key)

    assert found
    assert "scientific notation" in found.message


@pytest.mark.parametrize(
    "key", ["1-Mar", "2-Jan", "Mar-24", "01. Mrz", "01-mars", "02-ene", "1 Feb"]
)
def test_a_day_is_no_code(key: str) -> None:
    found = damage.of_key(key)

    assert found
    assert "is a day" in found.message


@pytest.mark.parametrize(
    "key",
    [
        *("0012", "ENG 9", "MAR1", "1-2", "3E5", "12E3", "ART-1", "101.0", "6.041", "2024-25"),
        *("Español 1", "Ångström", "Café & Co", "D'Arcy", "C#", "#12", "May", "1-May-A"),
    ],
)
def test_what_people_write_is_no_damage(key: str) -> None:
    assert damage.of_key(key) is None


@pytest.mark.parametrize(
    "text",
    ["José", "Größe", "Brânză", "“Élan” \u2013 naïve", "Łódź", "日本", "Ångström", "Zoë\u2019s"],
)
def test_text_that_was_read_twice_is_read_back(text: str) -> None:
    twice = "".join(
        bytes([byte]).decode("cp1252") if byte not in damage._UNDEFINED else chr(byte)
        for byte in text.encode()
    )

    assert damage.read_once(twice) == text
    assert damage.read_once(text) == text
    found = damage.of_text(twice)
    assert found
    assert f'it was "{text}"' in found.message


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#NAME?", "#####", "#NV", "Mu\ufffdoz"])
def test_what_was_lost_is_told(text: str) -> None:
    assert damage.of_text(text)


def test_guards_are_taken_off_where_they_are_some() -> None:
    assert damage.unguarded('="0012"', is_key=False) == "0012"
    assert damage.unguarded('="the ""big"" one"', is_key=False) == 'the "big" one'
    assert damage.unguarded("'0012", is_key=True) == "0012"
    for text in ("'0012", "'t Hooft", '="', '="a"b"', "=A1"):
        assert damage.unguarded(text, is_key=False) == text
    assert damage.unguarded("'t Hooft", is_key=True) == "'t Hooft"


@pytest.mark.parametrize(
    ("key", "known", "told"),
    [
        ("O\u2019NEIL", ["O'NEIL"], 'did you mean "O\'NEIL"? it has a typographic quote'),
        ("O'NEIL", ["O\u2019NEIL"], "that has a typographic quote"),
        ("AB\u200b1", ["AB1"], 'did you mean "AB1"? it has a character that nobody sees'),
        ("12", ["012"], 'did you mean "012"? leading zeros were lost'),
        ("12", ["012", "0012"], ""),
        ("1.00E+06", ["0000002"], "scientific notation"),
    ],
)
def test_a_key_is_told_by_what_became_of_it(key: str, known: list[str], told: str) -> None:
    said = likely_key(key, known)

    assert told in said
    assert bool(told) == bool(said)


def test_what_somebody_else_has_is_never_offered() -> None:
    assert likely_key("12", ["012"], used={"012"}) == ""
    assert likely_key("quilll-ada", ["quill-ada"], used={"quill-ada"}) == ""
    assert likely_key("quilll-ada", ["quill-ada"]) == 'did you mean "quill-ada"?'


def test_words_with_other_digits_are_other_words() -> None:
    assert likely("Level 3", ["Level 2", "Level 4"]) == ""
