"""`clrctl rules`: every code a finding can have, and what is behind it."""

from __future__ import annotations

import enum
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import UsageError

if TYPE_CHECKING:
    from clrctl.checking import Code, Rule
    from clrctl.finding import Json

ANY = "any"
_WIDTH = 80
_COLUMNS = ("code", "severity", "ruleset", "title")


class RulesFormat(enum.StrEnum):
    """Forms of the answer."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A code, the ruleset whose checks can give it (`any`: all), and its rule if it has one."""

    code: Code
    ruleset: str
    rule: Rule | None

    def row(self) -> tuple[str, ...]:
        """Return its line in a table."""
        return self.code.code, self.code.severity.value, self.ruleset, self.code.title

    def json(self) -> dict[str, Json]:
        """Return everything there is to tell about it."""
        return {
            **dict(zip(_COLUMNS, self.row(), strict=True)),
            "why": self.code.why,
            "source": self.code.source,
            "classes": list(self.rule.on) if self.rule else [],
            "good": self.rule.good if self.rule else None,
            "bad": self.rule.bad if self.rule else None,
        }


def rules(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help="The code to explain; all are listed without it.",
            show_default=False,
            autocompletion=options.complete_code,
        ),
    ] = None,
    ruleset: Annotated[
        options.Ruleset | None,
        typer.Option(
            "--ruleset", help="Only codes that a check under it can give.", show_default=False
        ),
    ] = None,
    form: Annotated[
        RulesFormat, typer.Option("--format", help="Form of the answer.")
    ] = RulesFormat.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """List the codes that findings have, or explain one of them.

    Explaining a code prints what is asked, why, the source, and shows members of an object that
    pass and that are caught; null stands for a member left out. What the standard asks but cannot
    be decided offline (signatures, revocation, addresses that answer) is listed in the README.

    Examples:
      clrctl rules
      clrctl rules date/order
      clrctl rules --ruleset timeback --json
    """
    as_json = json or form is RulesFormat.JSON
    console = consoles.configure(color=color, quiet=quiet, json=as_json)
    entries = _entries()
    if code is not None:
        entries = [_named(code, entries)]
    elif ruleset is not None:
        entries = [entry for entry in entries if entry.ruleset in (ruleset.value, ANY)]
    if as_json:
        answer = {"format": consoles.REPORT_FORMAT, "ok": True}
        console.answer_json({**answer, "rules": [entry.json() for entry in entries]})
    elif form is RulesFormat.MARKDOWN:
        _markdown(console, entries)
    elif code is not None:
        _explain(console, entries[0])
    else:
        console.table(_COLUMNS, [entry.row() for entry in entries])


def _entries() -> list[_Entry]:
    from clrctl.checking import all_codes, all_rules
    from clrctl.standard import schemas

    by_code = {rule.code: rule for rule in all_rules()}
    shared = schemas.schema_rules()
    return [
        _Entry(code, ANY if rule is None or code.code in shared else rule.ruleset, rule)
        for code in all_codes()
        for rule in [by_code.get(code.code)]
    ]


def _named(name: str, entries: list[_Entry]) -> _Entry:
    from clrctl.util import nearest

    by_code = {entry.code.code: entry for entry in entries}
    if name in by_code:
        return by_code[name]
    hint = nearest(name, by_code)
    raise UsageError(
        f"there is no code {name}",
        fix=f"did you mean {hint}?" if hint else "`clrctl rules` lists all codes",
    )


def _explain(console: Console, entry: _Entry) -> None:
    ruleset = "any ruleset" if entry.ruleset == ANY else f"ruleset {entry.ruleset}"
    console.answer((entry.code.code, "bold"), f"  {entry.code.severity.value} in {ruleset}")
    for text in (entry.code.title + ".", entry.code.why):
        console.answer()
        for line in textwrap.wrap(text, _WIDTH):
            console.answer(line)
    console.answer()
    console.answer(f"source: {entry.code.source}")
    if entry.rule is None:
        return
    console.answer(f"looks at: {', '.join(entry.rule.on)}")
    for name, example in (("good", entry.rule.good), ("bad", entry.rule.bad)):
        console.answer()
        console.answer(f"{name}, in {_with_article(entry.rule.on[0])}:")
        for line in orjson.dumps(example, option=orjson.OPT_INDENT_2).decode().splitlines():
            console.answer(f"  {line}")


def _with_article(cls: str) -> str:
    return f"an {cls}" if cls[0] in "AEIO" else f"a {cls}"


def _markdown(console: Console, entries: list[_Entry]) -> None:
    console.answer(f"| {' | '.join(_COLUMNS)} |")
    console.answer("|" + "---|" * len(_COLUMNS))
    for entry in entries:
        code, *others = (cell.replace("|", "\\|") for cell in entry.row())
        console.answer(f"| {' | '.join([f'`{code}`', *others])} |")
