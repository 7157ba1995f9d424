"""The table of formats: what commands offer is what it says, and who it names can write."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import clrctl
from clrctl.cli import app
from clrctl.cli.output import formats
from clrctl.cli.output.formats import FORMATS, OutputKind

OUTPUT = Path(clrctl.__file__).parent / "cli" / "output"
# The commands that write something of their own kind; all others give an answer.
KINDS = {
    "validate": OutputKind.FINDINGS,
    "verify": OutputKind.VERDICTS,
    "status": OutputKind.JOURNAL,
    "list": OutputKind.HOLDINGS,
    "rules": OutputKind.RULES,
    "schema show": OutputKind.SCHEMA,
}
METHODS = {
    OutputKind.FINDINGS: ("file", "end"),
    OutputKind.VERDICTS: ("document", "end"),
    OutputKind.UPLOADS: ("add", "close"),
}
WRITERS = [
    (each.name, kind, where) for each in FORMATS.values() for kind, where in each.writers.items()
]


def offers(command: Any, name: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each command below this one that has `--format`, with the formats it offers."""
    for parameter in command.params:
        if "--format" in parameter.opts:
            yield name, tuple(getattr(each, "value", each) for each in parameter.type.choices)
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            yield from offers(below, f"{name} {each}".strip())


OFFERS = {
    command: names
    for command, names in offers(typer.main.get_command(app.app))
    # There it is the format of a key.
    if not command.startswith("key ")
}


def test_the_commands_of_the_table_are_there() -> None:
    assert OFFERS.keys() > KINDS.keys()


@pytest.mark.parametrize("command", OFFERS)
def test_a_command_offers_what_can_carry_its_answer(command: str) -> None:
    kind = KINDS.get(command, OutputKind.ANSWER)
    assert OFFERS[command] == formats.choices(kind)


@pytest.mark.parametrize(("name", "kind", "where"), WRITERS)
def test_whoever_a_format_names_can_write(name: str, kind: OutputKind, where: str) -> None:
    module, _, cls = where.partition(".")
    writer = getattr(importlib.import_module(f"clrctl.cli.output.{module}"), cls)
    assert all(callable(getattr(writer, method)) for method in METHODS[kind])
    assert kind not in FORMATS[name].commands


@pytest.mark.parametrize("kind", OutputKind)
def test_a_suffix_means_one_format(kind: OutputKind) -> None:
    found = [suffix for each in FORMATS.values() if each.carries(kind) for suffix in each.suffixes]
    assert len(found) == len(set(found))
    for suffix in found:
        meant = formats.format_of(Path(f"a{suffix.upper()}"), kind)
        assert meant is not None
        assert suffix in meant.suffixes


def test_every_report_of_an_upload_has_a_suffix_that_is_told() -> None:
    told = formats.suffixes(OutputKind.UPLOADS)
    assert told.startswith(".json, .jsonl, .xml (JUnit)")
    *others, last = (FORMATS[name].suffixes[0] for name in formats.choices(OutputKind.UPLOADS))
    assert all(suffix in told for suffix in others)
    assert told.endswith(f" or {last}")
    assert formats.format_of(Path("report.txt"), OutputKind.UPLOADS) is None


def test_xml_is_written_in_one_place() -> None:
    writers = []
    for file in OUTPUT.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
        if names & {"SubElement", "xml.etree.ElementTree", "tostring"}:
            writers.append(file.name)
    assert writers == ["junit.py"]
