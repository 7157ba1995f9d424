"""What reaches the terminal: harmless text, colour, tables, errors, and streams that fail."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.cli import console as consoles
from clrctl.cli.console import Color, Console
from clrctl.errors import AuthError, ClrctlError, InputError, UsageError
from clrctl.util.wording import safe

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "samples" / "broken"
Run = Callable[..., Any]

needs_full_device = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk"
)
needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE and no exit 141")


class Stream(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Broken(io.StringIO):
    """A stream that cannot be written."""

    def __init__(self, problem: OSError) -> None:
        super().__init__()
        self.problem = problem

    def write(self, _: str) -> int:
        raise self.problem


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")


def console(*, out: bool = False, err: bool = False, **flags: Any) -> Console:
    """Return a console of which each stream may be a terminal."""
    return Console(out=Stream(terminal=out), err=Stream(terminal=err), **flags)


def written(stream: Any) -> str:
    return str(stream.getvalue())


# --- text from elsewhere -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]52;c;aGk=\x07", r"\x1b]52;c;aGk=\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("\x7f\x00\b", r"\x7f\x00\x08"),
        ("one\ntwo\r\tthree", r"one\ntwo\r\tthree"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("\u2066x\u2069\u061c", r"\u2066x\u2069\u061c"),
        ("ad\u200bmin\ufeff\u00ad", r"ad\u200bmin\ufeff\xad"),
        ("\U000e0041", r"\U000e0041"),
        ("file\udcff", r"file\udcff"),
        ("[red]not markup[/red] :smile:", "[red]not markup[/red] :smile:"),
        ("Zoë 山田　太郎 🎓", "Zoë 山田　太郎 🎓"),
        (404, "404"),
    ],
)
def test_foreign_text_cannot_steer_the_terminal(text: object, shown: str) -> None:
    assert safe(text) == shown


def test_long_text_is_cut_before_it_is_looked_at() -> None:
    assert safe("x" * 20_000_000) == "x" * 200 + "..."
    assert safe("x" * 200) == "x" * 200
    assert safe("x" * 300, limit=None) == "x" * 300
    assert safe("\x1b" * 3, limit=2) == r"\x1b\x1b..."


# --- colour --------------------------------------------------------------------------------------

COLOUR = [
    # flag, environment, terminal, coloured
    ("auto", {}, True, True),
    ("auto", {}, False, False),
    ("auto", {"TERM": "dumb"}, True, False),
    ("auto", {"NO_COLOR": "1"}, True, False),
    ("auto", {"NO_COLOR": ""}, True, True),
    ("auto", {"FORCE_COLOR": "1"}, False, True),
    ("auto", {"FORCE_COLOR": ""}, False, False),
    ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
    ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    ("always", {"NO_COLOR": "1"}, False, True),
    ("always", {"TERM": "dumb"}, False, True),
    ("never", {"FORCE_COLOR": "1"}, True, False),
]


@pytest.mark.parametrize(("flag", "environ", "terminal", "coloured"), COLOUR)
def test_colour(
    monkeypatch: pytest.MonkeyPatch,
    flag: str,
    environ: dict[str, str],
    terminal: bool,
    coloured: bool,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    tested = console(out=terminal, color=Color(flag))
    tested.answer("plain ", ("marked", "red"))
    text = written(tested.out)
    assert text == ("plain \x1b[31mmarked\x1b[0m\n" if coloured else "plain marked\n")


def test_each_stream_decides_for_itself() -> None:
    tested = console(out=False, err=True)
    tested.answer(("answer", "red"))
    tested.say(("talk", "red"))
    assert written(tested.out) == "answer\n"
    assert written(tested.err) == "\x1b[31mtalk\x1b[0m\n"


def test_what_looks_like_markup_is_text_in_colour_too() -> None:
    tested = console(out=True)
    tested.answer("[bold]x[/bold] [/nonsense] :smile: 42 'quoted' https://x.example")
    assert (
        written(tested.out) == "[bold]x[/bold] [/nonsense] :smile: 42 'quoted' https://x.example\n"
    )


@pytest.mark.parametrize("color", ["never", "always"])
def test_a_line_is_never_wrapped(color: str) -> None:
    tested = console(color=Color(color))
    tested.answer("word " * 100)
    assert written(tested.out).count("\n") == 1


# --- who is told what ----------------------------------------------------------------------------


def test_the_answer_and_the_conversation_go_separate_ways() -> None:
    tested = console(verbose=1)
    tested.answer("answer")
    tested.say("said")
    tested.warn("careful")
    tested.detail("detail")
    tested.detail("too much", level=2)
    assert written(tested.out) == "answer\n"
    assert written(tested.err) == "said\nwarning: careful\ndetail\n"


def test_quiet_leaves_the_answer_and_errors() -> None:
    tested = console(quiet=True)
    tested.answer("answer")
    tested.say("said")
    tested.warn("careful")
    tested.error(ClrctlError("it broke"))
    assert written(tested.out) == "answer\n"
    assert written(tested.err) == "error: it broke\n"


@pytest.mark.parametrize(
    ("terminal", "shown"), [(False, '{"a":[1]}\n'), (True, '{\n  "a": [\n    1\n  ]\n}\n')]
)
def test_json_is_one_line_in_a_pipe_and_indented_on_a_terminal(terminal: bool, shown: str) -> None:
    tested = console(out=terminal)
    tested.answer_json({"a": [1]})
    assert written(tested.out) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("file\udcff.json", r'"file\udcff.json"'), (2**80, "1208925819614629174706176")],
    ids=["odd file name", "long integer"],
)
def test_json_holds_what_a_strict_writer_refuses(value: object, shown: str) -> None:
    tested = console()
    tested.answer_json({"value": value})
    assert written(tested.out) == f'{{"value": {shown}}}\n'


def test_a_table_in_a_pipe_is_tab_separated_and_never_cut() -> None:
    tested = console()
    tested.table(("name", "url"), [["one", "https://x.example/" + "y" * 150], ["t\tw\x1bo", ""]])
    first, second = written(tested.out).splitlines()
    assert first == "one\thttps://x.example/" + "y" * 150
    assert second == "t\\tw\\x1bo\t"


@pytest.mark.parametrize("color", ["never", "always"])
def test_a_table_on_a_terminal_fits_it_and_loses_nothing(color: str) -> None:
    tested = console(out=True, color=Color(color))
    url = "https://x.example/" + "y" * 100
    tested.table(("name", "url"), [["one", url], ["[red]two[/red]", "short"]])
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written(tested.out))
    lines = plain.splitlines()
    assert lines[0].split() == ["name", "url"]
    assert max(map(len, lines)) <= 80
    assert url in "".join(plain.split())
    assert "[red]two[/red]" in plain
    assert ("\x1b[" in written(tested.out)) is (color == "always")


# --- errors --------------------------------------------------------------------------------------

FOUR_PARTS = AuthError(
    "the endpoint refused the \x1b[2Jtoken",
    where="POST https://x.example/",
    why="401\nfake: line",
    fix="get another",
)


def test_an_error_is_told_in_four_parts_one_line_each() -> None:
    tested = console()
    tested.error(FOUR_PARTS)
    assert written(tested.err).splitlines() == [
        r"error: the endpoint refused the \x1b[2Jtoken",
        "  where: POST https://x.example/",
        r"  why:   401\nfake: line",
        "  fix:   get another",
    ]
    assert written(tested.out) == ""


def test_parts_that_are_missing_are_left_out() -> None:
    tested = console()
    tested.error(ClrctlError("it broke", fix="mend it"))
    assert written(tested.err) == "error: it broke\n  fix:   mend it\n"


def test_a_huge_cause_is_shortened() -> None:
    tested = console()
    tested.error(ClrctlError("it broke", why="x" * 100_000))
    assert len(written(tested.err)) < 1100


def test_an_error_is_json_on_standard_output_too() -> None:
    tested = console(json=True)
    tested.error(FOUR_PARTS)
    assert orjson.loads(written(tested.out)) == {
        "format": "clrctl.report/1",
        "ok": False,
        "error": {
            "what": "the endpoint refused the \x1b[2Jtoken",
            "where": "POST https://x.example/",
            "why": "401\nfake: line",
            "fix": "get another",
            "exit_code": 4,
        },
    }
    assert written(tested.err).startswith("error: ")


def test_an_error_after_the_answer_leaves_standard_output_alone() -> None:
    tested = console(json=True)
    tested.answer_json({"ok": True})
    tested.error(FOUR_PARTS)
    assert written(tested.out) == '{"ok":true}\n'


def test_an_unknown_exception_is_told_by_its_kind_alone(
    clrctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("canary-7c1f of Ada Lovelace")

    monkeypatch.setattr("clrctl.cli.settings.Settings.endpoints", fail)
    for json in ([], ["--json"]):
        result = clrctl("endpoints", *json)
        assert result.code == 70
        assert re.search(r"why: +ValueError in [\w.]*test_console:\d+$", result.err, re.MULTILINE)
        assert "please report it" in result.err
        assert "canary" not in result.out + result.err
        assert "Lovelace" not in result.out + result.err
        assert "Traceback" not in result.err
    assert result.json["error"]["exit_code"] == 70


# --- asking --------------------------------------------------------------------------------------


class Person(io.StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["y\n", "Yes \n"])
def test_yes_goes_on(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Person(answer))
    tested = console(err=True, quiet=True)
    tested.confirm("send 3\x1b records?", flag="--yes")
    assert written(tested.err) == r"send 3\x1b records? [y/N] "


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yesterday\n"])
def test_anything_else_is_no(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Person(answer))
    with pytest.raises(KeyboardInterrupt):
        console(err=True).confirm("send?", flag="--yes")


@pytest.mark.parametrize("hindrance", ["stdin", "stderr", "CI"])
def test_where_nobody_can_be_asked_the_flag_is_named(
    monkeypatch: pytest.MonkeyPatch, hindrance: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n") if hindrance == "stdin" else Person("y\n"))
    if hindrance == "CI":
        monkeypatch.setenv("CI", "true")
    with pytest.raises(UsageError) as caught:
        console(err=hindrance != "stderr").confirm("send 3 records?", flag="--yes")
    assert caught.value.fix == "add --yes"
    assert caught.value.why == "send 3 records?"


# --- streams that fail ---------------------------------------------------------------------------


@pytest.mark.parametrize("color", ["never", "always"])
def test_a_full_disk_is_an_input_error(color: str) -> None:
    tested = Console(out=Broken(OSError(28, "No space left")), err=Stream(), color=Color(color))
    for write in (
        lambda: tested.answer("x"),
        lambda: tested.answer_json({}),
        lambda: tested.table(("a",), [["b"]]),
    ):
        with pytest.raises(InputError) as caught:
            write()
        assert caught.value.why == "No space left"


@pytest.mark.parametrize("color", ["never", "always"])
def test_a_closed_pipe_stays_what_it_is(color: str) -> None:
    tested = Console(out=Broken(BrokenPipeError(32, "gone")), err=Stream(), color=Color(color))
    with pytest.raises(BrokenPipeError):
        tested.answer("x")


def test_a_conversation_that_nobody_can_read_is_dropped() -> None:
    tested = Console(out=Stream(), err=Broken(BrokenPipeError(32, "gone")))
    tested.say("x")
    tested.error(ClrctlError("it broke"))
    tested.answer("still answered")
    assert written(tested.out) == "still answered\n"


def program(*args: str, out: Any = subprocess.PIPE, err: Any = subprocess.PIPE) -> Any:
    """Run the real program, its streams buffered as they are for users."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "clrctl", *args],
        stdout=out,
        stderr=err,
        env=environ,
        check=False,
    )


MANY = ("validate", *[str(BROKEN)] * 4)
FEW = ("validate", str(BROKEN / "parse.many.json"))


def named(args: tuple[str, ...]) -> str:
    return " ".join(Path(arg).name for arg in args)


NEVER_SHOWN = (b"Traceback", b"Exception ignored", b"BrokenPipe", b"OSError")


@needs_full_device
@pytest.mark.parametrize(
    "args",
    [
        FEW,
        MANY,
        (*MANY, "--color", "always"),
        (*FEW, "--json"),
        ("endpoints",),
        ("endpoints", "--json"),
        ("validate", "--help"),
    ],
    ids=named,
)
def test_a_full_disk_ends_the_program_with_3(args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = program(*args, out=full)
    assert done.returncode == 3
    assert b"error: cannot write the output" in re.sub(rb"\x1b\[[0-9;]*m", b"", done.stderr)
    assert not any(text in done.stderr for text in NEVER_SHOWN)


@needs_posix
@pytest.mark.parametrize("args", [FEW, MANY, (*MANY, "--color", "always")], ids=named)
def test_a_reader_that_went_away_ends_the_program_silently(args: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = program(*args, "--quiet", out=writer)
    finally:
        os.close(writer)
    assert done.returncode == 141
    assert done.stderr == b""


@needs_posix
def test_whoever_does_not_listen_changes_no_exit_code() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert program(*FEW, err=writer).returncode == 1
        assert program("validate", "nowhere.json", err=writer).returncode == 3
    finally:
        os.close(writer)


@needs_posix
@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_stream_closed_from_the_start_is_as_good_as_the_null_device(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -P -m clrctl "$@" {closed}', sys.executable, *FEW],  # noqa: S607
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert not any(text in done.stderr for text in NEVER_SHOWN)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_missing_stream_takes_what_is_written(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(sys, name, None)
    consoles.use_utf8()
    with getattr(sys, name) as stream:
        assert stream.name == os.devnull
        stream.write("Zoë")


def test_a_silenced_stream_writes_nothing_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "out"
    with file.open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        stream.write("still in the buffer")
        consoles.silence_stdout()
    assert file.read_bytes() == b""


def test_the_streams_take_any_character_wherever_the_program_runs() -> None:
    code = (
        "from clrctl.cli import console as c; c.use_utf8(); c.current().answer('Zo\\xeb \\udcff')"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == "Zoë \\udcff\n".encode()


def test_flushing_tells_of_a_full_disk() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left")

    with pytest.raises(InputError, match="cannot write the output"):
        Console(out=Full(), err=Stream()).flush()
    Console(out=Stream(), err=Full()).flush()


def test_the_console_of_a_run_is_the_one_that_its_flags_made() -> None:
    made = consoles.configure(quiet=True)
    assert consoles.current() is made


def test_json_holds_nothing_that_steers_a_terminal_and_reads_the_same() -> None:
    out = io.StringIO()
    value = {"name": "a\x9b31m\u202eb\x7f\u2028\U000e0041\n\u00e9"}
    Console(out=out, err=io.StringIO()).answer_json(value)
    assert not set("\x9b\u202e\x7f\u2028\U000e0041") & set(out.getvalue())
    assert "\u00e9" in out.getvalue()
    assert orjson.loads(out.getvalue()) == value


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_passing_line_makes_room_for_what_is_written_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "12")
    err = Terminal()
    console = Console(out=io.StringIO(), err=err)
    console.status("1 checked\x1b[2J, and more")
    console.say("done")
    assert err.getvalue() == "\r1 checked\\x\r           \rdone\n"


def test_a_passing_line_is_drawn_on_terminals_only() -> None:
    for console in (
        Console(out=Terminal(), err=io.StringIO()),
        Console(out=Terminal(), err=Terminal(), quiet=True),
    ):
        console.status("1 checked")
        assert console.err.getvalue() == ""  # type: ignore[attr-defined]


def test_many_documents_are_counted_while_they_are_checked() -> None:
    from clrctl.cli.progress import counting
    from clrctl.finding import Report

    times = iter([0.0, 0.1, 0.4, 1.0, 1.05, 2.0])
    err = Terminal()
    results = [(Report(str(number)), b"") for number in range(5)]
    console = Console(out=io.StringIO(), err=err)
    assert list(counting(results, console, clock=lambda: next(times))) == results
    assert "3 checked, 3 a second" in err.getvalue()
    assert "4 checked" not in err.getvalue()
    assert "5 checked, 2 a second" in err.getvalue()


def test_the_next_step_is_for_people_at_a_terminal() -> None:
    person, program = Terminal(), io.StringIO()
    Console(err=person).suggest("clrctl show a", "clrctl plan a")
    Console(err=program).suggest("clrctl show a")
    Console(err=person, quiet=True).suggest("clrctl rules")
    assert person.getvalue() == "next: clrctl show a; clrctl plan a\n"
    assert program.getvalue() == ""
