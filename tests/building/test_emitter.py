"""Records become CLRs: what goes where, what is refused, and that it is the same every time."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from clrctl.building import images
from clrctl.building.emitter import EmitOptions, Emitted, Emitter, emit
from clrctl.building.model import (
    Achievement,
    Association,
    Award,
    Frame,
    Identifier,
    IdTemplates,
    Learner,
    Level,
    Organization,
    Picture,
    Place,
    Record,
    Scale,
    Wrapped,
)
from clrctl.building.problems import NotBuilt
from clrctl.building.recipe import load
from clrctl.checking import comparison, validation
from clrctl.document.parsing import parse
from clrctl.finding import Severity
from clrctl.standard.serialization.strict import format_document
from clrctl.util.secret import Secret

CASES = Path(__file__).parents[1] / "data" / "cases" / "build"
SECRET = Secret("for the tests alone")
MANNER = EmitOptions(SECRET)
SCHOOL = Organization("https://school.example/issuer", "School", place=Place("r.yaml", 2))
LETTER = Scale("LetterGrade", ("F", "D", "C", "B", "A"), required="D")
COURSE = Achievement(
    "0102", "Algebra", criteria="Pass.", results={"Final grade": LETTER}, place=Place("c.csv", 2)
)
AWARD = Award("0102", date(2026, 5, 29), results={"Final grade": "B"}, place=Place("g.csv", 7))


def record(
    *awards: Award,
    achievements: tuple[Achievement, ...] = (COURSE,),
    learner: Learner | None = None,
    **frame: Any,
) -> Record:
    given: dict[str, Any] = {"zone": ZoneInfo("America/Chicago"), **frame}
    whole = Frame(issuer=SCHOOL, achievements={one.key: one for one in achievements}, **given)
    return Record(
        whole,
        learner or Learner("0042", "Odile", place=Place("l.csv", 3)),
        "transcript",
        "Transcript",
        date(2026, 6, 1),
        partial=True,
        awards=awards or (AWARD,),
    )


def built(one: Record, options: EmitOptions = MANNER) -> Any:
    emitted = emit(one, options)
    assert isinstance(emitted, Emitted), emitted
    return orjson.loads(emitted.text)


def refused(one: Record, options: EmitOptions = MANNER) -> list[str]:
    unbuilt = emit(one, options)
    assert isinstance(unbuilt, NotBuilt)
    assert unbuilt.learner == one.learner.key
    return ["\n".join(problem.lines()) for problem in unbuilt.problems]


def test_all_that_a_recipe_says_is_in_the_record() -> None:
    emitted = emit(load.load(str(CASES / "transcript.yaml")), EmitOptions(SECRET))
    assert isinstance(emitted, Emitted)
    assert emitted.text == (CASES / "transcript.clr.json").read_bytes()


def test_what_is_built_is_valid_under_both_rulesets_and_needs_no_formatting() -> None:
    document = parse((CASES / "transcript.clr.json").read_bytes())
    report = validation.check(document, ("standard", "timeback"))
    assert [f for f in report.findings if f.severity is Severity.ERROR] == []
    assert {f.code for f in report.findings} == {"proof/missing", "timeback/unlisted"}
    assert format_document(document).text == document.raw


@pytest.mark.parametrize(
    ("source", "made"),
    [("a-recipe/juniper.yaml", "a-recipe/juniper.clr.json"), ("a-recipe/minimal.yaml", None)],
)
def test_the_worked_examples_give_the_same_record(
    reference: Path, source: str, made: str | None
) -> None:
    examples = reference / "build-examples"
    secret = Secret("example-secret-keep-the-real-one-out-of-git")
    data = built(load.load(str(examples / source)), EmitOptions(secret))
    if made is None:
        return
    changes = comparison.compare(orjson.loads((examples / made).read_bytes()), data)
    # They use a type that only the context of the extensions defines, and do not name it.
    assert {change.pointer.rpartition("/")[2] for change in changes} == {"@context"}


def test_the_bytes_do_not_depend_on_surroundings(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom clrctl.util.secret import Secret\nfrom clrctl.building import emitter\n"
        "from clrctl.building.recipe import load\n"
        "made = emitter.emit(load.load(sys.argv[1]), emitter.EmitOptions(Secret('for the tests "
        "alone')))\nsys.stdout.buffer.write(made.text)\n"
    )
    for zone, seed, locale in (("Asia/Tokyo", "1", "C"), ("America/Lima", "2", "tr_TR.UTF-8")):
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": locale}
        output = subprocess.run(
            [sys.executable, "-c", program, str(CASES / "transcript.yaml")],
            capture_output=True,
            check=True,
            env=environment,
        ).stdout
        assert output == (CASES / "transcript.clr.json").read_bytes()


def test_ids_keep_apart_what_only_looks_alike() -> None:
    awards = (
        dataclasses.replace(AWARD, term="a", occurrence=""),
        dataclasses.replace(AWARD, term="b", occurrence=""),
    )
    one, other = built(record(*awards))["credentialSubject"]["verifiableCredential"]
    assert one["id"] != other["id"]


def test_personal_ids_hang_on_the_secret_and_others_do_not() -> None:
    with_secret, without = built(record()), built(record(), EmitOptions(None))
    assert with_secret["id"] != without["id"]
    assert with_secret["credentialSubject"]["id"] != without["credentialSubject"]["id"]
    kept = [one["credentialSubject"]["achievement"][0]["id"] for one in (with_secret, without)]
    assert kept[0] == kept[1]


def test_templates_make_urls_of_percent_encoded_keys() -> None:
    templates = IdTemplates(
        achievement="https://s.example/a/{key}",
        learner="https://s.example/l/{key}",
        award="https://s.example/w/{learner}/{achievement}/{occurrence}",
        record="https://s.example/r/{learner}/{key}",
    )
    course = dataclasses.replace(COURSE, key="A/B ü")
    award = dataclasses.replace(AWARD, of="A/B ü", term="Fall 1")
    data = built(record(award, achievements=(course,), ids=templates))
    subject = data["credentialSubject"]
    assert data["id"] == "https://s.example/r/0042/transcript"
    assert subject["id"] == "https://s.example/l/0042"
    assert subject["achievement"][0]["id"] == "https://s.example/a/A%2FB%20%C3%BC"
    award_id = subject["verifiableCredential"][0]["id"]
    assert award_id == "https://s.example/w/0042/A%2FB%20%C3%BC/Fall%201"


def test_days_begin_and_end_in_the_zone_of_the_school() -> None:
    award = dataclasses.replace(AWARD, expires=date(2026, 11, 1), end=date(2026, 3, 8))
    nested = built(record(award))["credentialSubject"]["verifiableCredential"][0]
    assert nested["validFrom"] == "2026-05-29T05:00:00Z"
    assert nested["awardedDate"] == "2026-05-29T17:00:00Z"
    # The last second of the day on which the clocks are set back.
    assert nested["validUntil"] == "2026-11-02T05:59:59Z"
    assert nested["credentialSubject"]["activityEndDate"] == "2026-03-08T17:00:00Z"


def test_moments_stay_what_they_are() -> None:
    moment = datetime(2026, 5, 29, 14, 30, 0, 250000, tzinfo=UTC)
    one = dataclasses.replace(record(dataclasses.replace(AWARD, on=moment), zone=None))
    nested = built(dataclasses.replace(one, as_of=moment))["credentialSubject"]
    written = nested["verifiableCredential"][0]
    assert written["validFrom"] == written["awardedDate"] == "2026-05-29T14:30:00.250000Z"


def test_credits_keep_their_digits() -> None:
    text = emit(
        record(
            dataclasses.replace(AWARD, credits=Decimal("0.50")),
            achievements=(dataclasses.replace(COURSE, credits=Decimal("1.0")),),
        ),
        EmitOptions(SECRET),
    )
    assert isinstance(text, Emitted)
    assert b'"creditsEarned": 0.50,' in text.text
    assert text.text.count(b'"creditsAvailable": 1.0,') == 2


def test_a_wrapped_credential_keeps_every_byte() -> None:
    theirs = b'{ "b" : 1.50,\n\t"a":"\\u00e9" ,"id":"urn:x:1"}'
    one = dataclasses.replace(record(), wrapped=(Wrapped(theirs + b"\n", Place("b.json")),))
    emitted = emit(one, EmitOptions(SECRET))
    assert isinstance(emitted, Emitted)
    assert theirs in emitted.text
    pointer = "/credentialSubject/verifiableCredential/1/id"
    assert emitted.origin(pointer) == Place("b.json")


def test_a_result_on_levels_names_the_level_and_its_word() -> None:
    scale = Scale("RubricCriterionLevel", levels=(Level("Low"), Level("High")), required="High")
    course = dataclasses.replace(COURSE, results={"Mastery": scale})
    award = dataclasses.replace(AWARD, results={"Mastery": "High"})
    achievement, nested = (
        built(record(award, achievements=(course,)))["credentialSubject"][name][0]
        for name in ("achievement", "verifiableCredential")
    )
    description = achievement["resultDescription"][0]
    result = nested["credentialSubject"]["result"][0]
    assert result["value"] == "High"
    assert result["achievedLevel"] == description["requiredLevel"]
    assert [level["level"] for level in description["rubricCriterionLevel"]] == ["1", "2"]


def test_what_associations_lead_to_is_listed_and_the_other_parts_are_not() -> None:
    others = tuple(Achievement(key, key, criteria="Pass.") for key in ("DIPLOMA", "BIO", "ART"))
    associations = (
        Association("0102", "isPartOf", "DIPLOMA"),
        Association("BIO", "isPartOf", "DIPLOMA"),
        Association("ART", "isParentOf", "0102"),
    )
    subject = built(record(achievements=(COURSE, *others), associations=associations))
    listed = [one["name"] for one in subject["credentialSubject"]["achievement"]]
    assert listed == ["Algebra", "DIPLOMA", "ART"]
    assert len(subject["credentialSubject"]["association"]) == 2


def test_without_mirror_only_what_no_award_holds_is_listed() -> None:
    diploma = Achievement("DIPLOMA", "Diploma", criteria="Pass.")
    association = Association("0102", "isPartOf", "DIPLOMA")
    one = record(achievements=(COURSE, diploma), associations=(association,))
    subject = built(one, EmitOptions(SECRET, mirror=False))["credentialSubject"]
    assert [item["name"] for item in subject["achievement"]] == ["Diploma"]
    assert (
        subject["association"][0]["sourceId"]
        == (subject["verifiableCredential"][0]["credentialSubject"]["achievement"]["id"])
    )


def test_exports_are_sorted_and_recipes_are_not() -> None:
    late, early = (
        dataclasses.replace(AWARD, on=date(2026, 5, day), term=str(day)) for day in (9, 2)
    )
    for keeps_order, terms in ((True, ["9", "2"]), (False, ["2", "9"])):
        nested = built(record(late, early, keeps_order=keeps_order))["credentialSubject"]
        found = [one["credentialSubject"]["term"] for one in nested["verifiableCredential"]]
        assert found == terms


def test_identities_are_plain_or_salted_hashes() -> None:
    learner = Learner(
        "0042",
        "Odile",
        " Odile@S.example",
        identifiers=(Identifier("7", "sourcedId"), Identifier("9", "ext:stateId")),
    )
    emitted = emit(record(learner=learner), EmitOptions(SECRET))
    assert isinstance(emitted, Emitted)
    assert "lower case" in emitted.notes[0]
    name, email, sourced, state = orjson.loads(emitted.text)["credentialSubject"]["identifier"]
    assert (name["identityHash"], name["hashed"]) == ("Odile", False)
    assert (sourced["identityHash"], sourced["hashed"]) == ("7", False)
    assert email["hashed"] and state["hashed"] and email["salt"] != state["salt"]
    same = built(record(learner=dataclasses.replace(learner, email="odile@s.example")))
    assert same["credentialSubject"]["identifier"][1] == email
    plain = built(record(learner=learner, hash_email=False), EmitOptions(SECRET))
    assert plain["credentialSubject"]["identifier"][1]["identityHash"] == "Odile@S.example"


def test_the_hash_is_that_of_the_standard() -> None:
    from clrctl.building.identities import digest

    # Open Badges 3.0, IdentityHash: the example of the salt after the value.
    made = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert digest("a@example.com", "Kosher") == made


def test_without_secret_nothing_is_hashed() -> None:
    with_email = record(learner=Learner("1", "O", "o@s.example"))
    assert "hash_email: false" in refused(with_email, EmitOptions(None))[0]


def test_the_issuers_image_stands_once_in_large_records() -> None:
    svg = Picture(raw=(CASES / "crest.svg").read_bytes(), caption="Crest")
    awards = [dataclasses.replace(AWARD, term=str(number)) for number in range(11)]
    for count, pictured in ((10, 11), (11, 1)):
        one = record(*awards[:count])
        frame = dataclasses.replace(one.frame, issuer=dataclasses.replace(SCHOOL, image=svg))
        text = orjson.dumps(built(dataclasses.replace(one, frame=frame)))
        assert text.count(b"data:image/svg+xml;base64,") == pictured


@pytest.mark.parametrize(
    ("policy", "kept"), [("embed", ["data:", "https:"]), ("url", ["https:"]), ("none", [])]
)
def test_images_are_embedded_or_left_out(policy: str, kept: list[str]) -> None:
    svg = Picture(raw=(CASES / "crest.svg").read_bytes())
    courses = (
        dataclasses.replace(COURSE, image=svg),
        dataclasses.replace(COURSE, key="2", image=Picture(url="https://s.example/a.png")),
    )
    award = dataclasses.replace(AWARD, of="2")
    options = EmitOptions(SECRET, images=images.ImagePolicy(policy))
    listed = built(record(AWARD, award, achievements=courses), options)["credentialSubject"]
    found = [one["image"]["id"] for one in listed["achievement"] if "image" in one]
    assert [image.partition(":")[0] + ":" for image in found] == kept


REFUSALS = [
    # what is wrong, and what is said of it
    (record(), {"awards": ()}, "no awards"),
    (record(dataclasses.replace(AWARD, of="102")), {}, 'did you mean "0102"? leading zeros'),
    (
        record(dataclasses.replace(AWARD, results={"Final grade": "B "})),
        {},
        'g.csv:7  award 0042 / 0102\n  Final grade "B " is not one of "F", "D", "C", "B", "A"\n'
        '  fix: did you mean "B"? there is a blank at its end',
    ),
    (record(dataclasses.replace(AWARD, results={"Grade": "B"})), {}, 'no result "Grade"'),
    (record(dataclasses.replace(AWARD, status="Completed")), {}, "no result of type Status"),
    (record(zone=None), {}, "no timezone"),
    (record(dataclasses.replace(AWARD, on=datetime(2026, 1, 1))), {}, "has no zone"),
    (record(dataclasses.replace(AWARD, expires=date(2026, 1, 1))), {}, "expires 2026-01-01 is"),
    (record(dataclasses.replace(AWARD, expires=date(9999, 12, 31))), {}, "leave it out where"),
    (
        record(dataclasses.replace(AWARD, start=date(1, 1, 1))),
        {},
        "start 0001-01-01 is a placeholder, not a day",
    ),
    (record(dataclasses.replace(AWARD, revised=date(2026, 1, 1))), {}, "revised 2026-01-01 is"),
    (record(AWARD, dataclasses.replace(AWARD, place=Place("g.csv", 9))), {}, "g.csv:7,9  award"),
    (record(learner=Learner("1", "O", "nobody")), {}, "no e-mail address"),
    (
        record(learner=Learner("1", "O", identifiers=(Identifier("123456789", "ext:SSN"),))),
        {},
        "is a social security number",
    ),
    (record(achievements=(dataclasses.replace(COURSE, criteria=""),)), {}, "has to be done"),
    (record(achievements=(dataclasses.replace(COURSE, type="Curse"),)), {}, 'mean "Course"'),
    (
        record(associations=(Association("0102", "isPartOf", "DIPLOMA", Place("a.csv", 4)),)),
        {},
        'a.csv:4\n  "0102" isPartOf "DIPLOMA": no achievement has the key "DIPLOMA"',
    ),
    (record(associations=(Association("0102", "partOf", "0102"),)), {}, 'mean "isPartOf"'),
    (record(associations=(Association("0102", "isPartOf", "0102"),)), {}, "are the same"),
    (record(associations=(Association("0102", "isPeerOf", "0102"),) * 2), {}, "is said twice"),
]


@pytest.mark.parametrize(("one", "changes", "said"), REFUSALS, ids=[c[2][:30] for c in REFUSALS])
def test_what_is_wrong_is_said_with_its_place(
    one: Record, changes: dict[str, Any], said: str
) -> None:
    assert said in "\n".join(refused(dataclasses.replace(one, **changes)))


@pytest.mark.parametrize(
    ("scale", "value", "said"),
    [
        (Scale("Percent", least="0", greatest="100"), "101", "is outside 0 to 100"),
        (Scale("Percent", least="0", greatest="100"), "NC", "is no number"),
        (Scale("Percent", least="0", greatest="100"), "9 ", 'did you mean "9"?'),
        (Scale("Percent", least="low"), "1", "which is no number"),
        (Scale("Status"), "Complete", 'did you mean "Completed"?'),
        (Scale("Grade"), "1", "the type of Final grade"),
        (Scale("LetterGrade", ("A", "A")), "A", "twice"),
        (Scale("LetterGrade", ("B", "A"), required="C"), "A", "requires"),
        (Scale("LetterGrade", levels=(Level("A"),)), "A", "has levels"),
    ],
)
def test_scales_are_held_to(scale: Scale, value: str, said: str) -> None:
    course = dataclasses.replace(COURSE, results={"Final grade": scale})
    award = dataclasses.replace(AWARD, results={"Final grade": value})
    assert said in "\n".join(refused(record(award, achievements=(course,))))


def test_a_status_is_said_once() -> None:
    course = dataclasses.replace(COURSE, results={"State": Scale("Status")})
    award = dataclasses.replace(AWARD, status="Failed", results={"State": "Completed"})
    assert "give one of the two" in refused(record(award, achievements=(course,)))[0]
    same = dataclasses.replace(award, results={})
    nested = built(record(same, achievements=(course,)))["credentialSubject"]
    result = nested["verifiableCredential"][0]["credentialSubject"]["result"]
    assert [one["status"] for one in result] == ["Failed"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xd8\xff\xe0", "is a JPEG"),
        (b"hello", "neither PNG nor SVG"),
        (b"\x89PNG\r\n\x1a\n....iTXtopenbadgecredential\0", "baked into it"),
        (b'<svg><x xmlns="https://purl.imsglobal.org/clr/v2p0"/></svg>', "baked into it"),
        (b"<svg onload='x()'></svg>", "could run or fetch"),
        (b"<svg><image href='https://x.example/y.png'/></svg>", "could run or fetch"),
        (b"\x89PNG\r\n\x1a\n" + bytes(600_000), "is 586 KiB"),
    ],
)
def test_images_that_cannot_be_used_are_refused(raw: bytes, said: str) -> None:
    course = dataclasses.replace(COURSE, image=Picture(raw=raw, place=Place("a.png")))
    text = "\n".join(refused(record(achievements=(course,))))
    assert said in text
    assert text.startswith("a.png")


def test_one_emitter_serves_several_frames() -> None:
    emitter = Emitter(EmitOptions(SECRET))
    other = record(achievements=(dataclasses.replace(COURSE, name="Other"),))
    for one in (record(), other, record()):
        emitted = emitter.emit(one)
        assert isinstance(emitted, Emitted)
        assert emitted.text == emit(one, EmitOptions(SECRET)).text  # type: ignore[union-attr]
