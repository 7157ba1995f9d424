"""`clrctl upsert` as a whole: the real program against a real server on loopback."""

import io
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.cli import local_sandbox
from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep
from clrctl.standard.clr_api import CREDENTIALS_PATH, DISCOVERY_PATH
from tests import issued, own_port
from tests.conftest import ROOT, SAMPLES
from tests.talker import free_port, reply, talking

MINIMAL = (SAMPLES / "minimal.clr.json").read_bytes()
ID = "urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01"
TOKEN = "a-token-for-tests"


def minimal(number):
    """Return a small credential of its own."""
    return MINIMAL.replace(b"4e01", b"%04d" % number)


def id_of(number):
    return ID.replace("4e01", f"{number:04}")


PROOF = {
    "type": "DataIntegrityProof",
    "proofPurpose": "assertionMethod",
    "verificationMethod": "https://brookside.example.edu/key",
    "created": "2026-06-12T17:00:00Z",
    "cryptosuite": "eddsa-rdfc-2022",
    "proofValue": "z58",
}
# Its nested credential is signed, in form at least.
SIGNED = MINIMAL.replace(
    b'"name": "Household Bookkeeping",\n        "issuer"',
    b'"name": "Household Bookkeeping",\n        "proof": [%b],\n        "issuer"'
    % orjson.dumps(PROOF),
)


@pytest.fixture
def box(tmp_path_factory, monkeypatch):
    """A sandbox that knows the token in the environment."""
    file = tmp_path_factory.mktemp("box") / "sandbox.db"
    with sandbox.start(file, check=lambda _: []) as running:
        now = datetime.now(UTC)
        running.store.add_token(TOKEN, now=now, expires=now + timedelta(hours=1))
        monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
        yield running


@pytest.fixture
def folder(tmp_path):
    """A folder with three credentials."""
    inputs = tmp_path / "in"
    inputs.mkdir()
    for number in (1, 2, 3):
        (inputs / f"{number}.json").write_bytes(minimal(number))
    return inputs


def posted(box):
    return [seen.body for seen in box.requests if seen.path == CREDENTIALS_PATH]


def asked(box):
    """Return what was asked for, but for the look at which sandbox it is."""
    return [seen for seen in box.requests if seen.path != DISCOVERY_PATH]


def outcomes(result):
    return [line.split()[0] for line in result.out.splitlines() if not line.startswith(" ")]


# --- the way it should be ---------------------------------------------------------------------


def test_created_then_updated(clrctl, box, folder):
    first = clrctl("upsert", folder, "--endpoint", box.url)
    again = clrctl("upsert", folder, "--endpoint", box.url, "--force")
    assert (first.code, again.code) == (0, 0)
    assert f"created     {folder}/1.json  {id_of(1)}" in first.out.splitlines()
    assert first.err.splitlines()[-1].startswith("3 created at endpoint 127.0.0.1:")
    assert outcomes(again) == ["updated"] * 3


def test_where_warnings_are_to_be_seen_can_be_pasted(clrctl, box, folder):
    one = clrctl("upsert", folder / "1.json", "-e", box.url).err
    assert f"--ruleset timeback {folder}/1.json)" in one
    assert "--ruleset timeback FILE)" in clrctl("upsert", folder, "-e", box.url).err


def test_what_is_stored_is_not_sent_again(clrctl, box, folder):
    clrctl("upsert", folder, "-e", box.url)
    box.requests.clear()
    again = clrctl("upsert", folder, "-e", box.url)
    assert (again.code, outcomes(again)) == (0, ["unchanged"] * 3)
    assert [each.path for each in box.requests] == [DISCOVERY_PATH]  # which store it is
    assert "3 unchanged by the journal of " in again.err
    (folder / "2.json").write_bytes(minimal(2).replace(b"Ash", b"Oak"))
    changed = clrctl("upsert", folder, "-e", box.url)
    assert sorted(outcomes(changed)) == ["unchanged", "unchanged", "updated"]
    assert len(posted(box)) == 1


def test_without_the_journal_nothing_is_remembered(clrctl, box, folder, clean_environment):
    for outcome in ("created", "updated"):
        result = clrctl("upsert", folder, "-e", box.url, "--no-journal")
        assert outcomes(result) == [outcome] * 3
    assert not (clean_environment / "data" / "journal").exists()


def test_an_endpoint_that_has_it_already_may_say_so(clrctl, tmp_path, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    unchanged = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    with talking(unchanged) as talker:
        result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", talker.url)
    assert (result.code, outcomes(result)) == (0, ["unchanged"])


@pytest.fixture
def own_sandbox(monkeypatch):
    """Give the built-in sandbox a port of this test's own; return it."""
    port = free_port()
    own_port.give(monkeypatch, port)
    return port


def test_the_sandbox_is_started_where_none_runs_and_remembers(clrctl, own_sandbox):
    first = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", "sandbox")
    again = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", "sandbox", "--force")
    assert (outcomes(first), outcomes(again)) == (["created"], ["updated"])
    assert "sandbox: started for this run" in first.err


def test_a_sandbox_that_runs_is_used(clrctl, own_sandbox, tmp_path):
    with sandbox.start(
        tmp_path / "own.db", check=local_sandbox.problems, port=own_sandbox
    ) as running:
        result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", "sandbox")
        assert len(posted(running)) == 1
    assert outcomes(result) == ["created"]
    assert "started" not in result.err


def test_the_sandbox_gets_its_own_credentials_only(clrctl, own_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    with sandbox.start(
        tmp_path / "own.db", check=local_sandbox.problems, port=own_sandbox
    ) as running:
        clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", "sandbox")
        assert TOKEN not in repr(running.requests)


@pytest.mark.parametrize("flags", [["--faults", "nonsense"], ["--faults", "503"], []])
def test_a_sandbox_that_cannot_be_served_says_so(clrctl, box, flags):
    port = box.url.rpartition(":")[2]
    result = clrctl("sandbox", "--port", port, *flags)
    assert result.code == 2
    assert ("no fault named nonsense" if "nonsense" in flags else f"port {port}") in result.err


# --- what arrives -----------------------------------------------------------------------------

ODD = (
    MINIMAL.replace(b'"Course record of Ash Sample"', '"Zeugnis für Ä\\u00e9 \\/ 𝄞"'.encode())
    .replace(b'"criteria": {', b'"creditsAvailable" :3.50 ,\r\n\t"criteria": {')
    .replace(b'"id": "did:example:ash-sample",', b'"id": "did:example:ash-sample"  ,', 1)
)
PRECISE = MINIMAL.replace(b'"criteria": {', b'"creditsAvailable": 123456789012.345,"criteria": {')


@pytest.mark.parametrize("raw", [MINIMAL, ODD, PRECISE], ids=["plain", "odd", "precise"])
def test_the_bytes_of_the_file_arrive(clrctl, box, tmp_path, raw):
    (tmp_path / "a.json").write_bytes(raw)
    result = clrctl("upsert", tmp_path / "a.json", "-e", box.url)
    assert (result.code, posted(box)) == (0, [raw])


def test_a_byte_order_mark_stays_behind(clrctl, box):
    result = clrctl("upsert", "-", "-e", box.url, stdin=b"\xef\xbb\xbf" + MINIMAL)
    assert (result.code, posted(box)) == (0, [MINIMAL])
    assert result.out == f"created     -  {ID}\n"


def test_yaml_arrives_as_json_with_its_numbers_as_written(clrctl, box, tmp_path):
    import yaml

    data = orjson.loads(MINIMAL)
    nested = data["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]
    nested["achievement"]["creditsAvailable"] = 7777
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False).replace("7777", "3.50")
    (tmp_path / "a.yaml").write_text(text)
    result = clrctl("upsert", tmp_path / "a.yaml", "-e", box.url)
    (body,) = posted(box)
    assert result.code == 0
    assert b'"creditsAvailable":3.50' in body.replace(b": ", b":")
    nested["achievement"]["creditsAvailable"] = 3.5
    assert orjson.loads(body) == data


def test_each_line_of_ndjson_arrives_by_itself(clrctl, box, tmp_path):
    lines = [orjson.dumps(orjson.loads(minimal(number))) for number in (1, 2)]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([lines[0], b"", lines[1], b""]))
    result = clrctl("upsert", tmp_path / "a.ndjson", "-e", box.url)
    assert sorted(posted(box)) == lines
    assert f"created     {tmp_path}/a.ndjson:3  {id_of(2)}" in result.out.splitlines()


def test_a_number_that_cannot_be_kept_is_not_sent(clrctl, box, tmp_path):
    raw = MINIMAL.replace(b'"criteria": {', b'"creditsAvailable": 9007199254740993,"criteria": {')
    (tmp_path / "a.json").write_bytes(raw)
    result = clrctl("upsert", tmp_path / "a.json", "-e", box.url)
    assert (result.code, posted(box)) == (1, [])
    assert "error parse/number" in result.out


# --- nothing is sent --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "twin",
    [
        MINIMAL.replace(b"Ash", b"Oak"),
        MINIMAL.replace(b"0d8f4a3e", b"%30d8f4a3e"),
        MINIMAL.replace(
            b'"issuer": {\n    "type": ["Profile"],\n    "id": "https://brookside.example.edu/profile"',
            b'"issuer": {\n    "type": ["Profile"],\n    "id": "https://brookside.example.edu/%70rofile"',
            1,
        ),
    ],
    ids=["other content", "id in percent", "issuer in percent"],
)
def test_two_of_one_id_are_refused_before_anything_is_sent(clrctl, box, tmp_path, twin):
    (tmp_path / "a.json").write_bytes(MINIMAL)
    (tmp_path / "b.json").write_bytes(twin)
    result = clrctl("upsert", tmp_path, "-e", box.url)
    assert (result.code, posted(box)) == (1, [])
    assert f"{tmp_path}/b.json:8:9: error upsert/duplicate /id {tmp_path}/a.json" in result.out
    assert "nothing was sent" in result.err


def test_a_missing_token_is_told_before_anything_is_checked(clrctl, tmp_path):
    done = clrctl("upsert", tmp_path / "absent.json", "--endpoint", "timeback-staging")
    assert done.code == 4
    assert "no token for endpoint timeback-staging" in done.err
    assert "absent.json" not in done.err


@pytest.mark.parametrize(("name", "code"), [("report.txt", 2), ("absent/report.json", 3)])
def test_a_report_that_cannot_be_is_told_before_anything_is_checked(
    clrctl, box, tmp_path, name, code
):
    (tmp_path / "bad.json").write_bytes(b"{")
    done = clrctl("upsert", tmp_path / "bad.json", "-e", box.url, "--report", tmp_path / name)
    assert done.code == code
    assert "report" in done.err
    assert "bad.json" not in done.err


def test_the_same_twice_is_sent_once(clrctl, box, tmp_path):
    (tmp_path / "a.json").write_bytes(MINIMAL)
    (tmp_path / "b.json").write_bytes(orjson.dumps(orjson.loads(MINIMAL)))
    result = clrctl("upsert", tmp_path, "-e", box.url)
    assert (result.code, posted(box)) == (0, [MINIMAL])
    assert "1 created, 1 left out at endpoint" in result.err


@pytest.mark.parametrize(("choice", "sent"), [("first", "a"), ("last", "c")])
def test_of_several_versions_the_wanted_one_is_sent(clrctl, box, tmp_path, choice, sent):
    for name in "abc":
        content = MINIMAL.replace(b"Ash", b"Version " + name.encode())
        (tmp_path / f"{name}.json").write_bytes(content)
    result = clrctl("upsert", tmp_path, "-e", box.url, "--on-duplicate", choice, "-v")
    assert (result.code, posted(box)) == (0, [(tmp_path / f"{sent}.json").read_bytes()])
    assert result.err.count("left out: ") == 2


def test_keep_going_sends_what_is_good(clrctl, box, folder):
    (folder / "2.json").write_bytes(b"[")
    (folder / "4.json").write_bytes(minimal(1).replace(b"Ash", b"Oak"))
    result = clrctl("upsert", folder, folder / "gone.json", "-e", box.url, "--keep-going")
    assert (result.code, sorted(posted(box))) == (1, [minimal(1), minimal(3)])
    assert "2.json:1:2: error parse/json" in result.out
    assert "4.json:8:9: error upsert/duplicate" in result.out
    assert "gone.json" in result.err
    assert "2 created, 2 with errors not sent at endpoint" in result.err


def test_keep_going_without_a_journal(clrctl, box, folder):
    (folder / "5.json").write_bytes(minimal(1))
    result = clrctl("upsert", folder, "-e", box.url, "--keep-going", "--no-journal")
    assert (result.code, len(posted(box))) == (0, 3)
    assert "3 created, 1 left out at endpoint" in result.err


def test_keep_going_stops_looking_where_it_stops_sending(clrctl, box, folder):
    box.faults.add(FaultStep(kinds.Status(status=401), times=None))
    for number in range(4, 60):
        (folder / f"{number}.json").write_bytes(minimal(number))
    result = clrctl("upsert", folder, "-e", box.url, "--keep-going", "--connections", "1")
    assert (result.code, len(posted(box))) == (4, 1)
    assert 1 < len(outcomes(result)) < 59


def test_keep_going_as_one_object_counts_what_was_not_sent(clrctl, box, folder):
    (folder / "2.json").write_bytes(b"[")
    result = clrctl("upsert", folder, "-e", box.url, "--keep-going", "--json")
    report = result.json
    assert (result.code, report["ok"], len(posted(box))) == (1, False, 2)
    assert report["summary"]["outcomes"] == {"created": 2}
    assert [bool(file["receipt"]) for file in report["files"]] == [True, False, True]


def test_keep_going_with_strict_sends_nothing_that_is_warned_of(clrctl, box, folder):
    for form in ([], ["--json"]):
        result = clrctl("upsert", folder, "-e", box.url, "--keep-going", "--strict", *form)
        assert (result.code, asked(box)) == (1, [])


def test_one_broken_file_holds_up_the_others(clrctl, box, folder):
    (folder / "4.json").write_bytes(minimal(4).replace(b'"validFrom"', b'"validFrm"', 1))
    result = clrctl("upsert", folder, "-e", box.url)
    assert (result.code, asked(box)) == (1, [])
    assert "4.json:16:3: error member/misspelt" in result.out
    assert result.err.endswith("nothing was sent\n")


def test_an_input_that_cannot_be_read_holds_up_the_others(clrctl, box, folder):
    result = clrctl("upsert", folder, folder / "gone.json", "-e", box.url)
    assert (result.code, asked(box)) == (3, [])
    assert "gone.json" in result.err
    report = clrctl("upsert", folder, folder / "gone.json", "-e", box.url, "--json")
    assert (report.code, report.json["ok"], report.json["error"]["exit_code"]) == (3, False, 3)


def test_strict_holds_up_warnings(clrctl, box):
    result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", box.url, "--strict")
    assert (result.code, asked(box)) == (1, [])
    assert "warning timeback/unlisted" in result.out


def test_without_a_token_nothing_is_sent(clrctl):
    with talking(reply(404)) as talker:
        result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", talker.url)
    assert (result.code, talker.seen) == (4, [])
    assert "CLRCTL_TOKEN" in result.err


def test_without_an_endpoint_nothing_is_sent(clrctl):
    result = clrctl("upsert", SAMPLES / "minimal.clr.json", "--json")
    assert result.code == 2
    assert result.json["error"]["what"] == "no endpoint chosen"


def test_standard_input_is_not_both_record_and_token(clrctl, box):
    result = clrctl("upsert", "-", "-e", box.url, "--token-file", "-", stdin=MINIMAL)
    assert (result.code, asked(box)) == (2, [])


def test_a_file_named_as_token_and_as_input_beside_stdin_is_no_clash(clrctl, box, tmp_path):
    (tmp_path / "t").write_text(TOKEN)
    result = clrctl("upsert", "-", "-e", box.url, "--token-file", tmp_path / "t", stdin=MINIMAL)
    assert result.code == 0


def config(home, url, **entry):
    lines = [f"    {name}: {orjson.dumps(value).decode()}" for name, value in entry.items()]
    text = "\n".join(["endpoints:", "  mine:", f"    url: {url}", *lines, ""])
    (home / "config.yaml").write_text(text)


def test_an_endpoint_that_wants_to_be_confirmed(clrctl, box, folder, clean_environment):
    config(clean_environment, box.url, confirm=True)
    doubted = clrctl("upsert", folder, "-e", "mine")
    assert (doubted.code, asked(box)) == (2, [])
    assert f"send 3 credentials to {box.url} (endpoint mine)?" in doubted.err
    assert "--yes" in doubted.err
    assert clrctl("upsert", folder, "-e", "mine", "--yes").code == 0


def test_client_credentials_under_the_names_of_the_sdk(clrctl, box, clean_environment, monkeypatch):
    monkeypatch.delenv("CLRCTL_TOKEN")
    monkeypatch.setenv("TIMEBACK_CLIENT_ID", sandbox.CLIENT_ID)
    monkeypatch.setenv("TIMEBACK_CLIENT_SECRET", sandbox.CLIENT_SECRET)
    config(clean_environment, box.url, token_url=box.token_url)
    assert clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", "mine").code == 0


# --- dry run ----------------------------------------------------------------------------------


def test_a_dry_run_shows_all_and_sends_nothing(clrctl, box, clean_environment, monkeypatch):
    monkeypatch.delenv("CLRCTL_TOKEN")
    monkeypatch.setenv("CLRCTL_CLIENT_ID", "me")
    monkeypatch.setenv("CLRCTL_CLIENT_SECRET", "s3cret-of-mine")
    config(clean_environment, box.url, token_url=box.token_url, confirm=True)
    sample = SAMPLES / "minimal.clr.json"
    result = clrctl("upsert", sample, "-e", "mine", "--dry-run", "--save", clean_environment / "s")
    assert (result.code, asked(box)) == (0, [])
    digest = "d79f098ac4e8193864167ba627596135de36e7c3b7313280bf41ca2604cc9922"
    assert result.out == f"new        {sample}  {ID}\n"
    assert f"dry run: POST {box.url}{CREDENTIALS_PATH}" in result.err
    assert "token: client credentials" in result.err
    assert "s3cret-of-mine" not in result.out + result.err
    assert not (clean_environment / "s").exists()
    report = clrctl("upsert", sample, "-e", "mine", "--dry-run", "--json").json
    receipt = report["files"][0]["receipt"]
    assert receipt.pop("token").startswith("client credentials")
    assert receipt == {"outcome": "dry-run", "id": ID, "bytes": 1832, "sha256": digest}
    assert (report["ok"], report["endpoint"]["name"]) == (True, "mine")


# --- what comes back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "code", "outcome"),
    [
        (400, kinds.Body.IMSX, 6, "refused"),
        (422, kinds.Body.IMSX_STANDARD, 6, "refused"),
        (401, kinds.Body.IMSX, 4, "refused"),
        (403, kinds.Body.MESSAGE, 4, "refused"),
        (404, kinds.Body.HTML, 6, "refused"),
        (429, kinds.Body.IMSX, 5, "failed"),
        (500, kinds.Body.EMPTY, 5, "failed"),
        (503, kinds.Body.HTML, 5, "failed"),
        (307, kinds.Body.EMPTY, 6, "refused"),
        (200, kinds.Body.IMSX, 6, "unconfirmed"),
        (201, kinds.Body.NAN, 6, "unconfirmed"),
        (200, kinds.Body.HTML, 6, "unconfirmed"),
    ],
)
def test_every_refusal_says_what_where_why_and_ends_with_its_code(
    clrctl, box, status, body, code, outcome
):
    box.faults.add(
        FaultStep(kinds.Status(status=status, body=body, to="https://other.example/x?t=1"))
    )
    result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", box.url, "--retries", "0")
    assert (result.code, outcomes(result)) == (code, [outcome])
    lines = {line.split(":")[0].strip(): line for line in result.err.splitlines()}
    assert f"POST {box.url}{CREDENTIALS_PATH} (request " in lines["where"]
    assert f"HTTP {status}" in lines["why"]
    assert lines["error"]
    assert result.err.splitlines()[-1].startswith(f"1 {outcome} at endpoint")


@pytest.mark.parametrize("commit", [False, True])
def test_a_lost_answer_leaves_the_credential_unconfirmed(clrctl, box, folder, commit):
    box.faults.add(FaultStep(kinds.Reset(commit=commit), credential_id=id_of(2)))
    result = clrctl("upsert", folder, "-e", box.url, "--retries", "0")
    assert (result.code, sorted(outcomes(result))) == (5, ["created", "created", "unconfirmed"])
    again = clrctl("upsert", "--from-status", "failed", "-e", box.url)
    assert (again.code, outcomes(again)) == (0, ["updated" if commit else "created"])
    done = clrctl("upsert", "--from-status", "failed", "-e", box.url)
    assert (done.code, done.out) == (0, "")
    assert "everything that was given before is stored" in done.err


def test_the_inputs_of_a_status_are_not_named_twice(clrctl, box, folder):
    nothing = clrctl("upsert", "--from-status", "failed", "-e", box.url)
    assert "nothing was sent from here" in nothing.err
    result = clrctl("upsert", folder, "--from-status", "failed", "-e", box.url)
    assert (result.code, asked(box)) == (2, [])


def test_a_fault_that_passes_is_not_seen(clrctl, box, folder):
    box.faults.add(FaultStep(kinds.Reset(commit=True)), FaultStep(kinds.Status(status=503)))
    result = clrctl("upsert", folder, "-e", box.url)
    assert (result.code, set(outcomes(result))) <= (0, {"created", "updated"})
    assert result.out.count("after 2 attempts") == 2


@pytest.mark.parametrize("flags", [["--connections", "3"], ["--rate", "1000"]])
def test_how_fast_it_goes_does_not_change_what_is_stored(clrctl, box, folder, flags):
    result = clrctl("upsert", folder, "-e", box.url, *flags)
    assert (result.code, sorted(posted(box))) == (0, [minimal(1), minimal(2), minimal(3)])


def test_an_endpoint_that_wants_to_be_left_alone_too_long_ends_the_run(clrctl, box, folder):
    box.faults.add(FaultStep(kinds.Status(status=429, retry_after="7200"), times=None))
    result = clrctl("upsert", folder, "-e", box.url, "--connections", "1")
    assert (result.code, outcomes(result)) == (5, ["pending"] * 3)
    assert "run the same command again in 7200 seconds" in result.err
    assert len(posted(box)) == 1


def test_a_file_that_changes_after_it_was_checked_is_not_sent(clrctl, box, folder, monkeypatch):
    from clrctl.cli import uploading

    confirm = uploading.UploadRun._confirm

    def change(self, number):
        (folder / "2.json").write_bytes(minimal(2).replace(b"Ash", b"Oak"))
        (folder / "3.json").unlink()
        confirm(self, number)

    monkeypatch.setattr(uploading.UploadRun, "_confirm", change)
    result = clrctl("upsert", folder, "-e", box.url)
    assert (result.code, posted(box)) == (3, [minimal(1)])
    assert sorted(outcomes(result)) == ["created", "refused", "refused"]
    assert "the file changed since it was checked" in result.err


def test_mixed_outcomes_add_up(clrctl, box, folder):
    box.faults.add(
        FaultStep(kinds.Status(status=400), credential_id=id_of(1)),
        FaultStep(kinds.Drop(at=("/description",)), credential_id=id_of(2)),
    )
    result = clrctl("upsert", folder, "-e", box.url, "--json", "--connections", "1")
    report = result.json
    assert (result.code, report["ok"]) == (6, False)
    assert report["summary"]["outcomes"] == {"refused": 1, "altered": 1, "created": 1}
    first, second, third = (file["receipt"] for file in report["files"])
    assert first["error"]["exit_code"] == 6
    assert second["changes"] == [{"pointer": "/description", "kind": "lost"}]
    assert (third["status"], third["error"], third["saved"]) == (201, None, None)
    assert third["request_id"] == box.requests[-1].headers["x-request-id"]


def test_fail_fast_leaves_the_rest(clrctl, box, folder):
    box.faults.add(FaultStep(kinds.Status(status=400), credential_id=id_of(1)))
    result = clrctl("upsert", folder, "-e", box.url, "--fail-fast", "--connections", "1")
    assert (result.code, sorted(outcomes(result))) == (6, ["pending", "pending", "refused"])
    assert result.err.splitlines()[-1].startswith("1 refused, 2 pending")
    assert len(posted(box)) == 1


def test_a_loss_is_named_and_counts_only_when_strict(clrctl, box, clean_environment, tmp_path):
    config(clean_environment, box.url, rulesets=["standard"])
    sample = tmp_path / "a.json"
    bundle = issued.minimal()
    bundle = issued.with_child(bundle, issued.signed(issued.child(bundle)))
    sample.write_bytes(orjson.dumps(bundle))
    for flags, code in (([], 0), (["--strict"], 6)):
        box.faults.add(FaultStep(kinds.Alter(at="/name", value="\x1b[31mred")))
        result = clrctl("upsert", sample, "-e", "mine", "--force", *flags)
        assert (result.code, outcomes(result)) == (code, ["altered"])
        assert "  changed by the endpoint: /name\n" in result.out
        assert "\x1b" not in result.out + result.err


def test_a_loss_inside_a_signed_credential_is_an_error(clrctl, box, tmp_path):
    (tmp_path / "a.json").write_bytes(SIGNED)
    box.faults.add(FaultStep(kinds.Drop(at=("/credentialSubject/verifiableCredential/0/name",))))
    result = clrctl("upsert", tmp_path / "a.json", "-e", box.url)
    assert (result.code, outcomes(result)) == (6, ["altered"])
    assert "  lost by the endpoint: /credentialSubject/verifiableCredential/0/name" in result.out
    assert "a signed credential inside is lost or no longer verifies" in result.out


def test_of_many_losses_the_first_are_named_and_the_rest_counted(clrctl, box):
    nested = "/credentialSubject/verifiableCredential/0"
    at = ["/name", "/description", "/validFrom", "/credentialSubject/id", "/credentialSubject/type"]
    at += [f"/issuer/{name}" for name in ("id", "type", "name")]
    at += [f"{nested}/{name}" for name in ("name", "type", "validFrom", "issuer")]
    box.faults.add(FaultStep(kinds.Drop(at=tuple(at))))
    result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", box.url)
    assert result.code == 0
    assert result.out.count("lost by the endpoint") == 10
    assert "and 2 more (all: --json)" in result.out


def test_a_server_cannot_colour_the_terminal(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    said = orjson.dumps({"imsx_codeMajor": "failure", "imsx_description": "\x1b[2J\u202ego\rne"})
    with talking(reply(400, said)) as talker:
        result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", talker.url)
    assert "\\x1b[2J\\u202ego\\rne" in result.err
    assert not {"\x1b", "\u202e", "\r"} & set(result.out + result.err)


def test_quiet_leaves_the_answer_alone(clrctl, box):
    result = clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", box.url, "-q")
    assert (result.out, result.err) == (f"created     {SAMPLES}/minimal.clr.json  {ID}\n", "")


# --- keeping what comes back ------------------------------------------------------------------


def test_what_comes_back_is_kept(clrctl, box, folder, tmp_path):
    box.faults.add(FaultStep(kinds.Alter(at="/proof", value={"type": "x"}), credential_id=id_of(2)))
    result = clrctl("upsert", folder, "-e", box.url, "--save", tmp_path / "out")
    assert result.code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "1.json",
        "2.json",
        "3.json",
    ]
    assert (tmp_path / "out" / "1.json").read_bytes() == minimal(1)
    assert orjson.loads((tmp_path / "out" / "2.json").read_bytes())["proof"] == {"type": "x"}
    assert f"  -> {tmp_path}/out/1.json\n" in result.out


def test_save_refuses_to_replace_an_input(clrctl, box, folder):
    result = clrctl("upsert", folder, "-e", box.url, "--save", folder)
    assert (result.code, asked(box)) == (2, [])
    assert (folder / "1.json").read_bytes() == minimal(1)


def test_an_answer_that_cannot_be_kept_stops_the_run(clrctl, box, folder, tmp_path):
    (tmp_path / "out" / "1.json").mkdir(parents=True)
    result = clrctl("upsert", folder, "-e", box.url, "--save", tmp_path / "out", "--json")
    assert result.code == 3
    report = result.json
    assert report["summary"]["outcomes"].get("created") == len(posted(box))
    assert sum(report["summary"]["outcomes"].values()) == 3
    assert (report["ok"], report["error"]["what"]) == (False, "cannot keep the endpoint's answer")
    assert "cannot keep the endpoint's answer" in result.err


# --- interrupted ------------------------------------------------------------------------------

# The time that is given to requests under way is too long for a test.
HURRIED = """
import functools, sys
from clrctl import cli
from clrctl.sending import scheduler
scheduler.SendOptions = functools.partial(scheduler.SendOptions, grace=%s)
sys.exit(cli.run())
"""


def started(box, folder, *flags, grace=0.2):
    arguments = ["upsert", str(folder), "-e", box.url, *flags]
    return subprocess.Popen(
        [sys.executable, "-c", HURRIED % grace, *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A runner in the background has Ctrl-C switched off, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def wait_for(condition):
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_tells_what_was_sent(clrctl, box, folder, number, code):
    box.faults.add(FaultStep(kinds.Hang(commit=True), credential_id=id_of(2)))
    with started(box, folder, "--connections", "1") as process:
        wait_for(lambda: len(posted(box)) == 2)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == code
    said = sorted(line.split()[0] for line in out.decode().splitlines())
    assert said == ["created", "pending", "unconfirmed"]
    assert "1 created, 1 unconfirmed, 1 pending at endpoint" in err.decode()
    assert "resume with the same command" in err.decode()
    assert "Traceback" not in err.decode()
    again = clrctl("upsert", folder, "-e", box.url)
    assert (again.code, sorted(outcomes(again))) == (0, ["created", "unchanged", "updated"])


@posix
def test_what_is_under_way_is_waited_for(box, folder):
    box.faults.add(FaultStep(kinds.Delay(seconds=0.5)))
    with started(box, folder, "--connections", "1", grace=15) as process:
        wait_for(lambda: len(posted(box)) == 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert sorted(line.split()[0] for line in out.decode().splitlines()) == [
        "created",
        "pending",
        "pending",
    ]
    assert "stopping" in err.decode()


@posix
def test_a_second_interruption_leaves_at_once(box, folder):
    box.faults.add(FaultStep(kinds.Hang(), times=None))
    with started(box, folder, grace=15) as process:
        wait_for(lambda: len(posted(box)) == 3)
        process.send_signal(signal.SIGINT)
        while b"stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err.decode()


@posix
def test_an_interruption_leaves_a_whole_report(box, folder):
    box.faults.add(FaultStep(kinds.Hang(), credential_id=id_of(1)))
    with started(box, folder, "--json", "--connections", "1") as process:
        wait_for(lambda: len(posted(box)) == 1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    report = orjson.loads(out)
    assert (process.returncode, report["ok"]) == (130, False)
    assert report["summary"]["outcomes"] == {"unconfirmed": 1, "pending": 2}


@posix
def test_no_more_is_sent_when_the_reader_has_gone(box, folder):
    for number in range(4, 60):
        (folder / f"{number}.json").write_bytes(minimal(number))
    with started(box, folder, "--connections", "1") as process:
        process.stdout.close()
        process.wait(20)
        err = process.stderr.read().decode()
    assert process.returncode == 141
    assert len(posted(box)) < 59
    assert f"{len(posted(box))} created, {59 - len(posted(box))} pending" in err
    assert "Traceback" not in err


# --- the report, and what a terminal sees -----------------------------------------------------


def test_a_report_is_left_behind_even_of_a_run_that_fails(clrctl, box, folder, tmp_path):
    box.faults.add(FaultStep(kinds.Status(status=400), credential_id=id_of(2)))
    for name in ("a.json", "a.jsonl", "a.xml", "a.html"):
        result = clrctl("upsert", folder, "-e", box.url, "--force", "--report", tmp_path / name)
        assert result.code in (0, 6)
        assert (tmp_path / name).stat().st_size
    whole = orjson.loads((tmp_path / "a.json").read_bytes())
    assert whole["summary"]["outcomes"] == {"created": 2, "refused": 1}


def test_a_report_of_no_known_form_is_refused_before_anything_is_sent(clrctl, box, folder):
    result = clrctl("upsert", folder, "-e", box.url, "--report", "report.doc")
    assert (result.code, asked(box)) == (2, [])


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.fixture
def on_a_terminal(monkeypatch):
    """Run the command with standard output on a terminal; return what is seen there."""

    def run(*args):
        from clrctl.cli import app

        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", Terminal(out, write_through=True))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, write_through=True))
            app.run([*map(str, args), "--color", "never"])
        return out.getvalue().decode()

    return run


def test_of_many_a_terminal_shows_only_what_needs_attention(on_a_terminal, box, folder):
    for number in range(4, 55):
        (folder / f"{number}.json").write_bytes(minimal(number))
    box.faults.add(FaultStep(kinds.Status(status=400), credential_id=id_of(7)))
    shown = on_a_terminal("upsert", folder, "-e", box.url)
    assert [line.split()[0] for line in shown.splitlines()] == ["refused"]
    assert len(on_a_terminal("upsert", folder, "-e", box.url, "-v").splitlines()) == 54
