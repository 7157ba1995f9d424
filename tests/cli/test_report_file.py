"""The file that an upload leaves behind, in each of its forms."""

import base64
import hashlib
import re
import stat
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl.checking.comparison import Change
from clrctl.cli.output import upload_report
from clrctl.errors import InputError, UsageError
from clrctl.finding import Report
from clrctl.sending.client.upsert import BusyError, CredentialRefused
from clrctl.sending.delivery import Delivery
from clrctl.sending.endpoints.endpoint import BUILT_IN
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.spool import QueuedCredential

CASES = Path(__file__).parents[1] / "data" / "cases" / "forms"
EVIL = '</script><script>alert("1")</script>&\x1b[2J\u202e\uffff'


def delivery(at, outcome, *, source="", line=1, error=None, changes=None):
    report = Report(source or f"{at}.json", first_line=line)
    parcel = QueuedCredential(report, ("i", f"urn:{at}"), f"urn:{at}", b"d", b"s", 7, "", b"", None)
    receipt = None if changes is None else Receipt(outcome, 200, "r", b"{}", changes)
    return Delivery(parcel, outcome, receipt, error, attempts=2)


NO = CredentialRefused("refused it", status=422, why=f"HTTP 422 {EVIL}", fix="mend it")
ALL = [
    delivery(0, UploadOutcome.CREATED, changes=()),
    delivery(1, UploadOutcome.ALTERED, changes=(Change("/name", "lost"),)),
    delivery(2, UploadOutcome.REFUSED, source=f"{EVIL}.ndjson", line=3, error=NO),
    delivery(3, UploadOutcome.REFUSED, error=NO),
    delivery(4, UploadOutcome.FAILED, error=BusyError("busy", status=503)),
    delivery(5, UploadOutcome.PENDING),
    delivery(6, UploadOutcome.UNCHANGED),
]


def written(folder, suffix, deliveries=ALL):
    path = folder / f"report{suffix}"
    report = upload_report.open_report(path, BUILT_IN[0])
    for each in deliveries:
        report.add(each)
    report.close()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".xml", ".html"])
def test_a_report_is_what_its_file_shows(tmp_path, suffix):
    assert written(tmp_path, suffix) == (CASES / f"uploads{suffix}").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", [".jsonl", ".NDJSON"])
def test_lines(tmp_path, suffix):
    rows = [orjson.loads(line) for line in written(tmp_path, suffix).splitlines()]
    assert [row["outcome"] for row in rows] == [each.outcome.value for each in ALL]
    assert rows[2]["source"] == f"{EVIL}.ndjson"
    assert (rows[2]["line"], rows[2]["status"], rows[2]["attempts"]) == (3, 422, 2)
    assert rows[2]["error"]["fix"] == "mend it"
    assert rows[1]["changes"] == [{"pointer": "/name", "kind": "lost"}]


def test_a_line_is_there_as_soon_as_it_is_known(tmp_path):
    report = upload_report.open_report(tmp_path / "a.jsonl", BUILT_IN[0])
    report.add(ALL[0])
    assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == 1
    report.close()


def test_json(tmp_path):
    whole = orjson.loads(written(tmp_path, ".json").encode())
    assert (whole["ok"], len(whole["credentials"])) == (False, 7)
    assert whole["summary"]["outcomes"]["refused"] == 2
    assert whole["endpoint"]["name"] == "sandbox"
    assert orjson.loads(written(tmp_path, ".json", ALL[:2]).encode())["ok"]


def test_junit(tmp_path):
    suites = ElementTree.fromstring(written(tmp_path, ".xml"))  # noqa: S314 - our own
    (suite,) = suites
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "7",
        "failures": "3",
        "skipped": "1",
    }
    cases = {case.get("name"): case for case in suite}
    failure = cases["3.json"].find("failure")
    assert failure.get("message") == "refused it"
    assert failure.text.startswith("refused it\nHTTP 422 </script>")
    assert len(cases["0.json"]) == 0
    assert cases["5.json"].find("skipped").get("message") == "pending"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def test_a_page_needs_nothing_and_runs_nothing_but_its_own(tmp_path):
    text = written(tmp_path, ".html")
    page = Page(text)
    assert page.tags.count("script") == 1
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert not {"link", "img", "iframe"} & set(page.tags)
    policy = dict(page.attributes)["content"] and next(
        value for _, value in page.attributes if value.startswith("default-src")
    )
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        content = re.search(f"<{tag}>(.*?)</{tag}>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not {"\x1b", "\u202e"} & set(text)


def test_a_page_tells_counts_causes_and_what_needs_attention(tmp_path):
    page = Page(written(tmp_path, ".html"))
    said = "|".join(page.text)
    assert "2| refused" in said
    assert "2|refused it: HTTP 422" in said
    assert "1|busy" in said
    assert "What to do" in said
    assert "lost /name" in said
    assert "5.json" in said
    assert "0.json" not in said
    assert page.tags.count("tr") == 3 + 6


def test_a_page_of_a_run_in_which_all_went_well(tmp_path):
    page = Page(written(tmp_path, ".htm", ALL[:1]))
    assert "Nothing failed." in page.text
    assert "table" not in page.tags


@pytest.mark.parametrize("name", ["report", "report.txt"])
def test_a_name_that_says_nothing_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="does not say what it is to be"):
        upload_report.open_report(tmp_path / name, BUILT_IN[0])


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_place_that_cannot_be_written_is_known_beforehand(tmp_path, suffix):
    with pytest.raises(InputError, match="cannot write the report"):
        upload_report.open_report(tmp_path / "gone" / f"a{suffix}", BUILT_IN[0])
