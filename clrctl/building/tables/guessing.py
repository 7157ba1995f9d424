"""What the columns of an export probably are, by what student systems usually call them.

A guess is only ever shown to somebody: nothing is built on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clrctl.building.identities import personal
from clrctl.building.tables.fields import FIELDS, Table

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+-]+)*")
_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")

_LEARNER_KEY = (
    "studentnumber studentid studentno stuid sid personid pidm emplid learnerid pupilid "
    "usersourcedid studentsourcedid schuelernummer schuelernr matrikelnummer matrikelnr id"
)
_ACHIEVEMENT_KEY = (
    "coursenumber coursecode courseid course crsno crsnum coursesourcedid subjectcode code "
    "achievementid kursnummer kursnr"
)
_USUAL: dict[Table, dict[str, str]] = {
    "learners": {
        "key": _LEARNER_KEY,
        "name": "name fullname studentname displayname",
        "given_name": "firstname givenname first preferredname vorname",
        "family_name": "lastname familyname surname last nachname",
        "email": "email studentemail emailaddress mail",
        "state_id": "stateid statestudentid statenumber ssid",
        "did": "did walletdid",
        "sourced_id": "sourcedid",
    },
    "achievements": {
        "key": _ACHIEVEMENT_KEY,
        "name": "coursename coursetitle title name crstitle description",
        "criteria": "criteria passingrule requirement",
        "type": "type kind achievementtype",
        "description": "catalogtext cataloguetext coursedescription longdescription description",
        "credits": "credit credits credithours creditsavailable units",
        "field": "department subject subjectarea dept",
    },
    "awards": {
        "learner": _LEARNER_KEY,
        "achievement": _ACHIEVEMENT_KEY,
        "on": "dateposted posted dateawarded awarded datecompleted completiondate completed "
        "enddate gradedate date datum",
        "term": "term termname session semester schoolyear year halbjahr schuljahr",
        "credits": "creditearned creditsearned earned earnedcredit earnedcredits earnedcrhrs",
        "status": "result status flag completionstatus",
        "occurrence": "section sectionid sectionnumber classid",
        "achievement_name": "coursename coursetitle title kurs",
        "learner_name": "studentname fullname",
        "learner_given_name": "firstname givenname first preferredname vorname",
        "learner_family_name": "lastname familyname surname last nachname",
        "learner_email": "email studentemail emailaddress mail",
        "narrative": "comment remarks",
    },
    "associations": {"source": "source from", "type": "type relation", "target": "target to"},
}
_RESULTS = {
    "Final grade": "grade finalgrade coursegrade lettergrade mark finalmark letter note",
    "Percent": "pct percent percentage numericgrade finalpercent",
    "Cumulative GPA": "gpa cumulativegpa cumgpa",
    "Score": "score points",
}


def fields(table: Table, header: Iterable[str]) -> dict[str, str]:
    """Return columns by the names of the fields that they probably are, each once."""
    by_name = {_plain(name): name for name in header if name and not personal(name)}
    usual = {field.name: _USUAL[table].get(field.name, "").split() for field in FIELDS[table]}
    found: dict[str, str] = {}
    for field in FIELDS[table]:
        for word in (_plain(field.header), _plain(field.name), *usual[field.name]):
            if word in by_name:
                found[field.name] = by_name.pop(word)
                break
    return found


def results(header: Iterable[str]) -> dict[str, str]:
    """Return columns by the names of the results that they probably are."""
    by_name = {_plain(name): name for name in header if name}
    return {
        result: by_name[word]
        for result, words in _RESULTS.items()
        if (word := next((one for one in words.split() if one in by_name), ""))
    }


def table_of(header: Iterable[str]) -> Table:
    """Return which table this probably is, by what it has the most columns for."""
    names = list(header)
    awards = fields("awards", names)
    joins = {"learner", "achievement"} <= awards.keys()
    counts: dict[Table, int] = {
        "learners": len(fields("learners", names)),
        "awards": joins * (len(awards) + 2 * len(results(names))),
        "achievements": len(fields("achievements", names)),
        "associations": 2 * len(fields("associations", names)),
    }
    return max(counts, key=lambda table: counts[table])


def is_course(name: str) -> bool:
    """Return whether a column is, by its name, about courses."""
    return _plain(name).startswith(("course", "crs", "kurs"))


_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().translate(_SPELT))


def as_yaml(text: str) -> str:
    """Return a text as YAML that every reader takes for this text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
