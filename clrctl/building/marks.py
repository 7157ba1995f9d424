"""Marks that stand where a grade is expected and are none, and what each of them says.

One line for each mark: the countries where it is used so, the status that it means, and what people
call it. Where no status is given, schools differ, and only the school knows. To add a mark, add a
line. Sources: the transcript keys of student systems; ECTS Users' Guide (FX, F); statuses are the
standard's (Open Badges 3.0, ResultStatusType).
"""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """One mark.

    Attributes:
        text: as transcripts print it, in capitals.
        countries: where; empty: anywhere.
        status: a word of the standard; empty where only the school knows.
        meaning: what it says, in English.
    """

    text: str
    countries: str
    status: str
    meaning: str


MARKS = (
    Mark("W", "", "Withdrew", "withdrew"),
    Mark("WD", "", "Withdrew", "withdrew"),
    Mark("WP", "US CA", "Withdrew", "withdrew while passing"),
    Mark("WF", "US CA", "Withdrew", "withdrew while failing"),
    Mark("WX", "US", "Withdrew", "withdrew, never attended"),
    Mark("DR", "US CA", "Withdrew", "dropped"),
    Mark("I", "US CA", "InProgress", "incomplete"),
    Mark("INC", "US CA AU", "InProgress", "incomplete"),
    Mark("IP", "US CA", "InProgress", "in progress"),
    Mark("DEF", "UK CA AU", "OnHold", "deferred"),
    Mark("P", "", "Completed", "pass"),
    Mark("PASS", "", "Completed", "pass"),
    Mark("S", "US CA", "Completed", "satisfactory"),
    Mark("CR", "US CA", "Completed", "credit, no grade"),
    Mark("TR", "US CA", "Completed", "credit by transfer"),
    Mark("T", "US", "Completed", "credit by transfer"),
    Mark("EX", "US", "Completed", "credit by examination, or exempt"),
    Mark("NP", "US CA", "Failed", "no pass"),
    Mark("NC", "US CA", "Failed", "no credit"),
    Mark("U", "US UK", "Failed", "unsatisfactory, unclassified"),
    Mark("FAIL", "", "Failed", "fail"),
    Mark("AU", "US CA", "", "audit: attended without credit"),
    Mark("AUD", "US CA", "", "audit: attended without credit"),
    Mark("NG", "US", "", "no grade"),
    Mark("NR", "US UK", "", "not reported"),
    Mark("X", "US UK", "", "absent from the examination, or no result"),
    Mark("ABS", "UK FR", "", "absent"),
    Mark("ABI", "FR", "", "absence that is not excused"),
    Mark("ABJ", "FR", "", "absence that is excused"),
    Mark("DEF.", "FR", "Failed", "défaillant: did not sit all examinations"),
    Mark("ADM", "FR", "Completed", "admis: passed"),
    Mark("AJ", "FR", "Failed", "ajourné: did not pass"),
    Mark("VAL", "FR", "Completed", "validé: passed"),
    Mark("NV", "FR", "Failed", "non validé: not passed"),
    Mark("BE", "DE AT", "Completed", "bestanden: passed"),
    Mark("NB", "DE AT", "Failed", "nicht bestanden: not passed"),
    Mark("EN", "DE", "Failed", "endgültig nicht bestanden: finally not passed"),
    Mark("AN", "DE", "InProgress", "angemeldet: registered"),
    Mark("KR", "DE", "", "krank: ill"),
    Mark("NE", "DE", "Failed", "nicht erschienen: did not appear"),
    Mark("RT", "DE", "Withdrew", "Rücktritt: withdrew"),
    Mark("APT", "ES", "Completed", "apto: passed"),
    Mark("NAP", "ES", "Failed", "no apto: not passed"),
    Mark("NPR", "ES", "", "no presentado: did not sit the examination"),
    Mark("CON", "ES", "Completed", "convalidada: recognised"),
)

_BY_TEXT = {mark.text: mark for mark in MARKS}
_FAILING = {"F", "FX", "F-", "FF", "E/F"}


def mark_of(text: str) -> Mark | None:
    """Return the mark that a value is, whatever its case; None where it is none of those known."""
    return _BY_TEXT.get(text.strip().upper())


def fails(text: str) -> bool:
    """Return whether a value on a scale of letters is known for one that earns no credits."""
    known = mark_of(text)
    if known is not None:
        return known.status != "Completed"
    return text.strip().upper() in _FAILING
