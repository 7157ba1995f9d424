"""The language of faults as it is explained, and where a wrong word leads to."""

import re

import pytest

from clrctl.errors import UsageError
from clrctl.sandbox import language
from clrctl.sandbox.faults import script
from clrctl.sandbox.faults.player import Faults


@pytest.fixture
def told(clrctl):
    result = clrctl("sandbox", "--faults", "list")
    assert (result.code, result.err) == (0, "")
    return result.out


def test_every_fault_is_explained_with_its_options(told):
    lines = told.partition("Faults, and options")[2].splitlines()
    for name in script.NAMES:
        (at,) = [n for n, line in enumerate(lines) if re.match(rf"  {name}  +[a-z]", line)]
        for option in script.options(name):
            assert any(f":{option}=" in line for line in lines[at + 1 : at + 7]), (name, option)
    assert "  503 " in told


def test_times_and_targets_are_explained(told):
    for word in ("*3", "*", "/10", ":id=", ":on=token", "%2C"):
        assert word in told


def test_it_fits_on_a_terminal_of_80_columns(told):
    assert [line for line in told.splitlines() if len(line) > 79] == []


def test_there_are_three_examples_and_each_can_be_typed(told):
    examples = re.findall(r'clrctl sandbox --faults "([^"]+)"', told)
    assert tuple(examples) == tuple(text for text, _ in language.EXAMPLES)
    assert len(examples) == 3
    for text in examples:
        assert script.read(text)


MEANT = [
    ("drop", "reset"),
    ("disconnect", "close"),
    ("timeout", "hang"),
    ("slow", "drip"),
    ("latency", "delay"),
    ("sleep", "delay"),
    ("cut", "truncate"),
    ("rest", "reset"),
    ("delays", "delay"),
    ("unauthorized", "expire"),
    ("Reset", "reset"),
    ("rate-limit", "429"),
]


@pytest.mark.parametrize(("word", "name"), MEANT, ids=[word for word, _ in MEANT])
def test_a_wrong_word_leads_to_the_right_one(word, name):
    with pytest.raises(UsageError) as caught:
        Faults.parse(word)
    assert re.search(rf"\b{name}\b", caught.value.fix.partition("clrctl")[0])
    assert "--faults list" in caught.value.fix


def test_a_connection_is_dropped_by_another_word_than_drop(clrctl):
    result = clrctl("sandbox", "--faults", "drop")
    assert result.code == 2
    assert "to lose the connection: reset or close" in result.err
    assert "drop:at=/id" in result.err


@pytest.mark.parametrize("step", ["zzz", "600", "503:seconds=1", "alter:at=/a"])
def test_every_error_names_the_list(step):
    with pytest.raises(UsageError, match=r"\w") as caught:
        Faults.parse(step)
    assert "clrctl sandbox --faults list" in caught.value.fix
