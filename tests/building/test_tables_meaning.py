"""What columns and cells come to mean: canonical headers, mappings, one file for everything."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from clrctl.building.emitter import EmitOptions, Emitted, emit
from clrctl.building.identities import personal
from clrctl.building.model import Record
from clrctl.building.problems import Note, Skipped
from clrctl.building.tables import gathering
from clrctl.building.tables.fields import FIELDS
from clrctl.building.tables.values import Days, FormatError, UnreadableValue, number
from clrctl.checking import comparison
from clrctl.util.secret import Secret
from tests.schooling import build, records_of

HEAD = """\
tables: 1
timezone: America/Chicago
issuer: {id: https://oakmere.example/issuer, name: Oakmere Academy}
record: {key: report, name: Report, as_of: 2026-06-12}
hash_email: false
"""
LEARNERS = "learner_id,name\n007,Ada Quill\n"
ACHIEVEMENTS = "achievement_id,name,criteria\n0102,English 9,Pass it.\n"
AWARDS = "learner_id,achievement_id,awarded\n007,0102,2026-06-05\n"


def school(folder: Path, **files: str) -> Path:
    """Write a small school; `mapping` is added to what every school says."""
    given = {"learners": LEARNERS, "achievements": ACHIEVEMENTS, "awards": AWARDS} | files
    (folder / "mapping.yaml").write_text(HEAD + given.pop("mapping", ""), encoding="utf-8")
    for name, text in given.items():
        if text:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def only(folder: Path) -> Record:
    """Return the only record of a school, read and sound."""
    (record,) = (one for one in records_of(folder) if not isinstance(one, Skipped | Note))
    assert isinstance(record, Record), record
    assert isinstance(emit(record, EmitOptions(Secret("x"))), Emitted)
    return record


def said(folder: Path) -> str:
    return build(folder).said(folder)


def test_canonical_headers_need_no_columns_in_the_mapping(tmp_path: Path) -> None:
    record = only(
        school(
            tmp_path,
            learners="learner_id,given_name,family_name,email,did,sourced_id,state_id\n"
            "007,Ada,Quill,ada@oakmere.example,did:web:ada.example,s-7,X9\n",
            achievements="achievement_id,name,criteria_url,type,description,code,credits,field,"
            "specialization,version,image,tags,align_code,align_name,align_url,align_framework,"
            "align_url_2\n"
            "0102,English 9,https://oakmere.example/e9,Course,Reading.,ENG 9,1.00,English,"
            "Rhetoric,2025,https://oakmere.example/e9.png,reading; writing,E.9,Reads,"
            "https://map.example/e9,Map,https://map.example/e9b\n",
            awards="learner_id,achievement_id,awarded,revised,term,occurrence,start,end,expires,"
            "credits,role,license,status,narrative,evidence_url,evidence_name,result:Grade\n"
            "007,0102,2026-06-05,2026-06-06,2025-26,s1,2025-08-20,2026-06-04,2030-06-05,1.0,"
            "Editor,L1,Completed,Well done.,https://oakmere.example/w,Work,A\n",
            mapping="scales: {letter: {type: LetterGrade, values: [F, A]}, s: {type: Status}}\n"
            "achievements: {results: {Grade: letter, Status: s}}\n",
        )
    )

    learner, (award,) = record.learner, record.awards
    achievement = record.frame.achievements["0102"]
    assert (learner.key, learner.name, learner.id) == ("007", "Ada Quill", "did:web:ada.example")
    assert [(one.kind, one.value) for one in learner.identifiers] == [
        ("sourcedId", "s-7"),
        ("ext:stateId", "X9"),
    ]
    assert (achievement.type, achievement.code, str(achievement.credits)) == (
        "Course",
        "ENG 9",
        "1.00",
    )
    assert achievement.tags == ("reading", "writing")
    assert [(one.name, one.url) for one in achievement.alignments] == [
        ("Reads", "https://map.example/e9"),
        ("https://map.example/e9b", "https://map.example/e9b"),
    ]
    assert list(achievement.results) == ["Grade", "Status"]
    assert (award.results, award.status, award.occurrence) == ({"Grade": "A"}, "Completed", "s1")
    assert (str(award.revised), str(award.expires)) == ("2026-06-06", "2030-06-05")
    assert (award.evidence[0].url, award.evidence[0].name) == ("https://oakmere.example/w", "Work")


def test_one_file_can_hold_everything(tmp_path: Path) -> None:
    rows = "007,Ada,{},English 9,Pass it.,2026-06-05\n008,Bo,{},English 9,Pass it.,2026-06-05\n"
    folder = school(
        tmp_path,
        learners="",
        achievements="",
        awards="learner_id,learner_name,achievement_id,achievement_name,criteria,awarded\n"
        + rows.format("0102", "0102"),
    )

    records = records_of(folder)

    assert [one.learner.name for one in records if isinstance(one, Record)] == ["Ada", "Bo"]
    assert [one.frame.achievements["0102"].name for one in records if isinstance(one, Record)] == [
        "English 9"
    ] * 2


def test_in_one_file_rows_that_repeat_an_achievement_must_agree(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        achievements="",
        awards="learner_id,achievement_id,achievement_name,criteria,term,awarded\n"
        "007,0102,English 9,Pass it.,a,2026-06-05\n"
        "007,0102,English IX,Pass it.,b,2026-06-05\n",
    )

    assert said(folder) == (
        "awards.csv:2,3  achievement 0102\n"
        '  two rows of one achievement differ: name "English 9" and "English IX"\n'
        "  fix: make them agree, or give them different keys\n"
    )


def test_without_a_table_of_achievements_their_columns_are_asked_for(tmp_path: Path) -> None:
    text = said(school(tmp_path, achievements=""))

    assert "there is no column for achievement_name, criteria or criteria_url among" in text
    assert "achievement_name: COLUMN, criteria: COLUMN" in text


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("lerner_id,name", "`learners: {columns: {name: name, key: lerner_id}}`"),
        ("learner_id,name,shoe size", "say what it is under `columns` in the mapping"),
        ("learner_id,name,emial", 'did you mean email? or write `ignore: ["emial"]`'),
        ("Student #,Name", '`learners: {columns: {key: "Student #", name: Name}}`'),
        ("learner_id,name,SSN", '"SSN" (social security number) is not read'),
        ("learner_id", "there is no column for name or family_name"),
        ("x", 'there is no column for learner_id, name or family_name among "x"'),
        ("Student ID,Name", "`learners: {columns: {key: Student ID, name: Name}}`"),
    ],
)
def test_headers_that_are_not_canonical_are_told(header: str, told: str, tmp_path: Path) -> None:
    cells = ",".join("7" for _ in header.split(","))

    assert told in said(school(tmp_path, learners=f"{header}\n{cells}\n"))


def test_an_empty_table_is_told(tmp_path: Path) -> None:
    (school(tmp_path) / "learners.csv").write_bytes(b"")

    assert "the table has no header" in said(tmp_path)


def test_a_header_that_is_ignored_on_purpose_is_no_problem(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners="learner_id,name,SSN\n007,Ada,1\n",
        mapping="learners: {ignore: [SSN]}\n",
    )

    outcome = build(folder)

    assert (outcome.problems, outcome.skipped) == ([], [])
    assert b'"1"' not in outcome.built["007"]


def test_a_learner_without_awards_has_no_record_and_is_told(tmp_path: Path) -> None:
    outcome = build(school(tmp_path, learners=LEARNERS + "008,Bo Reed\n"))

    assert list(outcome.built) == ["007"]
    assert [(one.learner, one.reason) for one in outcome.skipped] == [
        ("008", "the learner has no awards")
    ]


SPOILT = {
    "a learner without a name": (
        {"learners": "learner_id,name\n007,\n"},
        "learners.csv:2  learner 007\n  the learner has no name\n  fix: fill it in\n",
    ),
    "a learner whose row is cut off": (
        {"learners": "learner_id,name,email\n007,Ada\n"},
        "learners.csv:2  learner 007\n"
        "  the row has 2 cells, the header 3: is it cut off?\n  fix: correct the row\n",
    ),
    "an achievement without criteria": (
        {"achievements": "achievement_id,name,criteria\n0102,English 9,\n"},
        "achievements.csv:2  achievement 0102\n"
        "  it does not say what has to be done for it\n"
        "  fix: add criteria, a sentence, or criteria_url\n",
    ),
    "credits that are none": (
        {"achievements": "achievement_id,name,criteria,credits\n0102,English 9,Pass.,one\n"},
        "achievements.csv:2  achievement 0102\n"
        '  credits "one" is not a number\n  fix: write digits, as in 1.0\n',
    ),
    "an alignment without an address": (
        {"achievements": "achievement_id,name,criteria,align_code,align_url\n0102,E,Pass.,R.1,\n"},
        "achievements.csv:2  achievement 0102\n"
        "  align_url is empty: an alignment needs an address\n  fix: fill it in\n",
    ),
    "an award of nothing": (
        {"awards": "learner_id,achievement_id,awarded\n007,,2026-06-05\n"},
        "awards.csv:2  award 007\n  achievement_id is empty\n  fix: say what was achieved\n",
    ),
    "an association with one end": (
        {"associations": "source,type,target\n0102,isPartOf,\n"},
        "associations.csv:2\n  target is empty: an association has two ends\n"
        "  fix: fill it in, or take the row out\n",
    ),
    "a learner that leads back to none": (
        {"learners": "learner_id,name\n008,Bo\n"},
        'awards.csv:2  1 award of 007\n  learner "007" is not in learners.csv\n'
        "  fix: add the learner there, or correct the row\n",
    ),
}


@pytest.mark.parametrize(("files", "told"), SPOILT.values(), ids=SPOILT)
def test_a_row_that_cannot_be_used_is_told(
    files: dict[str, str], told: str, tmp_path: Path
) -> None:
    folder = school(tmp_path, **files)

    outcome = build(folder)

    assert (outcome.said(folder), outcome.built) == (told, {})


def test_a_definition_without_a_key_is_told_and_stops_nobody(tmp_path: Path) -> None:
    folder = school(tmp_path, achievements=f"{ACHIEVEMENTS},Diploma,Finish.\n")

    outcome = build(folder)

    assert "achievement_id is empty: an achievement needs a key" in outcome.said(folder)
    assert list(outcome.built) == ["007"]


def test_a_bad_definition_that_no_record_needs_is_a_note(tmp_path: Path) -> None:
    folder = school(tmp_path, achievements=f"{ACHIEVEMENTS}D,,Finish.\n")

    outcome = build(folder)

    assert (outcome.problems, list(outcome.built)) == ([], ["007"])
    assert outcome.notes == [
        f"{folder}/achievements.csv:3: name is empty: an achievement needs a name "
        "(no record needs it)"
    ]


def test_rows_of_every_table_can_be_skipped(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners="learner_id,name,left\n007,Ada,\n008,Bo,y\n",
        achievements="achievement_id,name,criteria,old\n0102,E,P,\n0102,E old,P,y\n",
        mapping="learners: {skip: {left: [y]}, ignore: [left]}\n"
        "achievements: {skip: {old: [y]}, ignore: [old]}\n",
    )

    outcome = build(folder)

    assert (outcome.problems, list(outcome.built)) == ([], ["007"])
    assert sorted(one.reason for one in outcome.skipped) == ['left is "y"', 'old is "y"']


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(gathering.sqlite3, "connect", full)

    assert "no room to sort the rows of the awards: database or disk is full" in said(
        school(tmp_path)
    )


def test_rows_beyond_the_cache_are_kept_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_CACHE_KIB", 64)
    long = "n" * 4000
    rows = "".join(f"007,0102,2026-06-05,t{term},{long}\n" for term in range(200))
    folder = school(tmp_path, awards=f"learner_id,achievement_id,awarded,term,narrative\n{rows}")

    record = only(folder)

    assert [award.term for award in record.awards] == [f"t{term}" for term in range(200)]


def test_texts_joined_from_columns_have_no_holes(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners="id,first,middle,last\n007,Ada,,Quill\n",
        mapping='learners: {columns: {key: id, name: "{first} {middle} {last}"}}\n',
    )

    assert only(folder).learner.name == "Ada Quill"


def test_defaults_fill_what_is_empty_or_has_no_column(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        achievements="achievement_id,name,type\n0102,English 9,\n",
        mapping="achievements: {defaults: {type: Course, criteria: Meet the policy.}}\n",
    )

    achievement = only(folder).frame.achievements["0102"]
    assert (achievement.type, achievement.criteria) == ("Course", "Meet the policy.")


def test_blanks_in_texts_are_left_out_and_told_and_keys_are_kept(tmp_path: Path) -> None:
    folder = school(tmp_path, learners="learner_id,name\n007, Ada Quill\u00a0\n")

    outcome = build(folder)

    assert b'"Ada Quill"' in outcome.built["007"]
    assert [note.rpartition("learners.csv: ")[2] for note in outcome.notes] == [
        "blanks around the text of 1 cell were left out"
    ]


def test_rows_that_are_left_out_are_told_and_make_a_record_partial(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        awards=AWARDS + "007,0102,\n",
        mapping='awards: {skip: {awarded: [""]}}\n',
    )

    outcome = build(folder)

    assert [(one.place.line, one.reason, one.learner) for one in outcome.skipped] == [
        (3, "awarded is empty", "007")
    ]
    assert ["partial is not true" in note for note in outcome.notes] == [True]


def test_columns_that_no_mapping_names_are_told(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners="id,who,SHOE\n007,Ada,9\n",
        mapping="learners: {columns: {key: id, name: who}}\n",
    )

    assert build(folder).notes == [f"{folder}/learners.csv: not in the mapping, and not used: SHOE"]


def test_an_export_that_pads_its_columns_can_be_trimmed(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners="learner_id,name\n007   ,Ada    \n",
        awards="learner_id,achievement_id,awarded\n007  ,0102   ,2026-06-05 \n",
        mapping="trim: true\n",
    )

    assert only(folder).learner.key == "007"


def test_a_decimal_comma_is_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        awards="learner_id;achievement_id;awarded;credits;result:GPA;result:Note\n"
        "007;0102;2026-06-05;0,50;3,70;1,2\n",
        mapping='decimal: ","\n'
        "scales: {gpa: {type: GradePointAverage, max: 4}, own: {type: Result}}\n"
        "achievements: {results: {GPA: gpa, Note: own}}\n",
    )

    (award,) = only(folder).awards
    assert (str(award.credits), award.results) == ("0.50", {"GPA": "3.70", "Note": "1,2"})


def test_tables_under_other_names_are_not_overlooked(tmp_path: Path) -> None:
    folder = school(tmp_path, learners="", achievements="", people=LEARNERS)

    assert f"is it {folder}/people.csv? say so in the mapping" in "\n".join(
        problem.fix for problem in build(folder).problems
    )
    (folder / "learners.csv").write_text(LEARNERS)
    (folder / "achievements.csv").write_text(ACHIEVEMENTS)
    assert build(folder).notes == [
        f"no table by name or mapping, and not used: {folder}/people.csv"
    ]


def test_a_percent_sign_on_a_scale_of_percents_says_nothing_more(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        awards="learner_id,achievement_id,awarded,result:Score,result:Note\n"
        "007,0102,2026-06-05,91 %,5%\n",
        mapping="scales: {percent: {type: Percent, min: 0, max: 100}, own: {type: Result}}\n"
        "achievements: {results: {Score: percent, Note: own}}\n",
    )

    assert only(folder).awards[0].results == {"Score": "91", "Note": "5%"}


def test_values_of_results_can_be_translated_in_full(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        awards="learner_id,achievement_id,awarded,result:Level\n007,0102,2026-06-05,3\n",
        mapping="scales: {own: {type: LetterGrade, values: [Low, High]}}\n"
        "achievements: {results: {Level: own}}\n"
        'awards: {result_values: {Level: {"1": Low, "3": High}}}\n',
    )

    assert only(folder).awards[0].results == {"Level": "High"}
    (tmp_path / "awards.csv").write_text(
        "learner_id,achievement_id,awarded,result:Level\n007,0102,2026-06-05,2\n"
    )
    assert 'Level "2" is not among awards.result_values.Level of the mapping: "1", "3"' in said(
        tmp_path
    )


def test_associations_can_stand_in_the_mapping(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        achievements=ACHIEVEMENTS + "D,Diploma,Finish.\n",
        mapping="associations: [0102 isPartOf D]\n",
    )

    (one,) = only(folder).frame.associations
    assert (one.source, one.type, one.target) == ("0102", "isPartOf", "D")


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("decimal: x", 'decimal "x" is no decimal mark'),
        ('awards: {delimiter: "%"}', 'write ",", ";", "|" or "\\t"'),
        ("awards: {encoding: utf16}", "did you mean utf-16?"),
        ("awards: {colums: {on: x}}", "did you mean columns?"),
        ("awards: {columns: {awarded: x}}", "awards.columns.awarded is not a known key"),
        ("tables: 1", "twice"),
        ("awards: {skip: {NOPE: [x]}}", 'awards.csv has no column "NOPE"'),
        ("achievements: {file: ../x/courses.csv}", "there is no such file"),
        ("achievements: {file: courses.xls}", "save it as .xlsx, or as CSV UTF-8"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told(mapping: str, told: str, tmp_path: Path) -> None:
    assert told in said(school(tmp_path, mapping=f"{mapping}\n"))


def test_a_folder_without_awards_is_told_with_what_might_be_them(tmp_path: Path) -> None:
    folder = school(tmp_path, awards="")
    (folder / "award.csv").write_text("x\n")

    assert "is it award.csv? call it awards.csv, or name it in the mapping" in said(folder)


def test_a_folder_without_a_mapping_is_told_how_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "awards.csv").write_text(AWARDS)

    assert "clrctl new tables" in said(tmp_path)


@pytest.mark.parametrize("header", ["SSN", "Student_SSN", "Birth Date", "DOB", "Race", "IEP"])
def test_personal_columns_are_known_by_their_names(header: str) -> None:
    assert personal(header)


def test_columns_of_use_are_not_taken_for_personal_ones() -> None:
    headers = {field.header for fields in FIELDS.values() for field in fields}
    harmless = {"DISCIPLINE", "RACE_ENGINEERING 1", "STUDENT_NUMBER", "GRADE", "SECTION"}

    assert [name for name in headers | harmless if personal(name)] == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("6/2/2023", "2023-06-02"),
        ("06/02/2023 00:00:00", "2023-06-02"),
        ("6/2/2023 12:00:00 AM", "2023-06-02"),
        ("2023-06-02", "2023-06-02"),
        ("2 June 2023", "2023-06-02"),
        ("2023-06-02T10:00:00-05:00", "2023-06-02 10:00:00-05:00"),
    ],
)
def test_a_date_is_read_in_the_formats_given(text: str, day: str) -> None:
    assert str(Days(("%m/%d/%Y", "%d %B %Y")).read(text)) == day


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("02/30/2023", "correct it"),
        ("06/02/2023 10:15", "correct it"),
        ("2023-06-02T10:00:00", "like 2026-06-05T14:30:00-05:00"),
        ("31/12/2023", 'add "%d/%m/%Y" to `dates` in the mapping'),
    ],
)
def test_what_is_no_date_is_told_with_what_it_may_be(text: str, told: str) -> None:
    with pytest.raises(UnreadableValue) as caught:
        Days(("%m/%d/%Y",)).read(text)

    assert told in caught.value.fix


@pytest.mark.parametrize("form", ["%d.%m.%y", "%H", "%d.%m.", "%Y%Y%m%d", "%Y %b %B %d", "x"])
def test_a_format_that_cannot_tell_days_is_refused(form: str) -> None:
    with pytest.raises(FormatError):
        Days((form,))


@pytest.mark.parametrize("text", ["1.000,0", "1 000", "x", "1e3", "\u0661", "--1", "1."])
def test_what_is_no_number_is_refused(text: str) -> None:
    for comma in (False, True):
        with pytest.raises(UnreadableValue):
            number(text, comma=comma)


@pytest.mark.parametrize("key", ["0041877", "0042013"])
def test_the_worked_example_comes_out_the_same(key: str, reference: Path) -> None:
    folder = reference / "build-examples" / "b-tables"
    secret = Secret("example-secret-keep-the-real-one-out-of-git")
    records = {one.learner.key: one for one in records_of(folder) if isinstance(one, Record)}

    made = emit(records[key], EmitOptions(secret))

    assert isinstance(made, Emitted)
    expected, found = json.loads((folder / f"{key}.clr.json").read_bytes()), json.loads(made.text)
    assert list(comparison.compare(unversioned(expected), unversioned(found))) == []


def unversioned(credential: Any) -> Any:
    """Return it without the one context that the worked example does not have."""
    own = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    for one in (credential, *credential["credentialSubject"]["verifiableCredential"]):
        one["@context"] = [each for each in one["@context"] if each != own]
    return credential
