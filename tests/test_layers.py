"""The house rules: which module may import what, and what a start of the program loads.

They are read from the source, so that imports inside functions and for types alone count too.
"""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import clrctl
from clrctl import catalog

ROOT = Path(__file__).parent.parent
PACKAGE = Path(clrctl.__file__).parent
SAMPLE = ROOT / "samples" / "minimal.clr.json"
LONGEST = 420

# Each dependency has one home, so that another could take its place.
HOMES = {
    "typer": ("cli", "commands"),
    "rich": ("console",),
    "httpx": ("http", "auth", "client"),
    "jsonschema": ("catalog",),
    "jsonschema_rs": ("catalog",),
    "referencing": ("catalog",),
    "yaml": ("document",),
    "platformdirs": ("settings",),
    "keyring": ("keyrings",),
    "starlette": ("sandbox",),
    "uvicorn": ("sandbox",),
    "cryptography": ("keys",),
    "openpyxl": ("builder.tables.workbook",),
    "truststore": ("http.link",),
    "orjson": ("",),
}
# The distribution that brings a module, where its name is another.
DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "jsonschema_rs": "jsonschema-rs",
}

BOTTOM = ("words", "errors", "finding")
# What these may import of ours; `__version__` is free to all.
ONLY = {
    **dict.fromkeys((*BOTTOM, "access", "version"), BOTTOM),
    "document": ("document", *BOTTOM, "access", "version"),
    "sandbox": ("sandbox", *BOTTOM),
    "baking": ("baking", "errors"),
}
# What these must not know.
OUTSIDE = ("console", "settings", "http", "auth", "client", "commands", "sandbox", "cli")
NEVER = dict.fromkeys(
    (
        "catalog",
        "tree",
        "explain",
        "rules",
        "validation",
        "keys",
        "proof",
        "signing",
        "builder",
        "carriers",
    ),
    OUTSIDE,
)
# The layout of lines needs what the console knows of foreign text.
NEVER["showing"] = tuple(name for name in OUTSIDE if name != "console")
NEVER["verification"] = NEVER["verifying"] = (*OUTSIDE, "fetching")

MAY_EXIT = ("cli", "__main__", "commands")
# `SSL_CERT_FILE` and `HTTPS_PROXY` are no settings of ours: all HTTP clients read them.
MAY_READ_ENVIRONMENT = ("settings", "console", "http.link")
MAY_IMPORT_BY_NAME = ("cli", "rules.registry", "sandbox")


def within(module: str, places: tuple[str, ...]) -> bool:
    """Tell whether a module is one of these places, or lies inside one."""
    return any(place in ("", module) or module.startswith(f"{place}.") for place in places)


@dataclass
class Source:
    """A module of ours, named from below the package: `cli`, `rules.dates`."""

    module: str
    text: str

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    @cached_property
    def imported(self) -> list[str]:
        names: list[str] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names += [f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names]
        return names

    @property
    def ours(self) -> list[str]:
        return [
            name.removeprefix("clrctl.") for name in self.imported if name.startswith("clrctl.")
        ]

    @property
    def theirs(self) -> list[str]:
        tops = [name.partition(".")[0] for name in self.imported]
        return [top for top in tops if top not in sys.stdlib_module_names and top != "clrctl"]

    def uses(self, *names: str) -> list[str]:
        """Return which of these dotted names stand in the code."""
        written = {ast.unparse(n) for n in self.nodes if isinstance(n, ast.Name | ast.Attribute)}
        return [name for name in names if name in written | set(self.imported)]


def all_sources() -> list[Source]:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        found.append(Source(module, file.read_text(encoding="utf-8")))
    return found


SOURCES = all_sources()


def complaints(source: Source) -> Iterator[str]:
    """Yield what in a module is against the house rules."""
    yield from foreign(source)
    yield from arrows(source)
    if not within(source.module, MAY_EXIT):
        exits = source.uses("sys.exit", "os._exit", "typer.Exit", "SystemExit", "exit", "quit")
        yield from (f"ends the program: {name}" for name in exits)
    if not within(source.module, MAY_READ_ENVIRONMENT):
        for name in source.uses("os.environ", "os.environb", "os.getenv"):
            yield f"reads the environment: {name}"
    yield from (f"writes past the console: {name}" for name in source.uses("print"))
    if source.text.count("\n") > LONGEST:
        yield f"has more than {LONGEST} lines"


def foreign(source: Source) -> Iterator[str]:
    for top in source.theirs:
        if top not in HOMES:
            yield f"unknown package {top or '(relative import)'}"
        elif not within(source.module, HOMES[top]):
            yield f"{top} has its home in {', '.join(HOMES[top])}"


def arrows(source: Source) -> Iterator[str]:
    part = source.module.partition(".")[0]
    for name in source.ours:
        if name == "__version__":
            continue
        if not within(name, ONLY.get(part, ("",))) or within(name, NEVER.get(part, ())):
            yield f"{part} must not import {name}"
        elif within(name, ("commands",)) and not knows_commands(source.module, name):
            yield f"only cli may import {name}"
        elif within(name, ("sandbox",)) and not knows_sandbox(part, name):
            yield f"only local may import {name}"
    if source.uses("importlib.import_module") and source.module not in MAY_IMPORT_BY_NAME:
        yield "imports by a name that cannot be seen"


def knows_commands(module: str, name: str) -> bool:
    shared = within(module, ("commands",)) and within(name, ("commands.options",))
    return module == "cli" or shared


def knows_sandbox(part: str, name: str) -> bool:
    return part in ("sandbox", "local") or within(name, ("sandbox.contract",))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.module or "clrctl")
def test_every_module_keeps_the_house_rules(source: Source) -> None:
    assert list(complaints(source)) == []


OFFENDERS = [
    # module, its source, what is said
    ("rules.dates", "import requests", "unknown package requests"),
    ("cli", "import click", "unknown package click"),
    ("cli", "from . import console", "unknown package (relative import)"),
    ("report", "def f():\n    from rich.text import Text", "rich has its home in console"),
    ("client", "import yaml", "yaml has its home in document"),
    ("explain", "import jsonschema.validators", "jsonschema has its home in catalog"),
    ("local", "from starlette.applications import X", "starlette has its home in sandbox"),
    ("errors", "from clrctl import console", "errors must not import console"),
    ("access", "from clrctl.settings import X", "access must not import settings.X"),
    ("document.inputs", "import clrctl.catalog", "document must not import catalog"),
    (
        "sandbox.api",
        "from clrctl.validation import check",
        "sandbox must not import validation.check",
    ),
    ("catalog", "if TYPE_CHECKING:\n    from clrctl import http", "catalog must not import http"),
    ("tree", "def f():\n    from clrctl.console import safe", "tree must not import console.safe"),
    ("rules.dates", "from clrctl.settings import X", "rules must not import settings.X"),
    ("baking.png", "from clrctl import catalog", "baking must not import catalog"),
    ("showing.text", "from clrctl.settings import X", "showing must not import settings.X"),
    ("publish", "from clrctl.commands import options", "only cli may import commands.options"),
    ("commands.a", "from clrctl.commands import b", "only cli may import commands.b"),
    ("settings", "from clrctl.sandbox import store", "only local may import sandbox.store"),
    ("publish", "import sys\nsys.exit(1)", "ends the program: sys.exit"),
    ("publish", "raise SystemExit", "ends the program: SystemExit"),
    ("http", "import os\nos.environ['X']", "reads the environment: os.environ"),
    ("http", "from os import getenv", "reads the environment: os.getenv"),
    ("publish", "print(1)", "writes past the console: print"),
    ("publish", "import importlib\nimportlib.import_module(x)", "imports by a name"),
    ("publish", "\n" * 421, "has more than 420 lines"),
]


@pytest.mark.parametrize(("module", "text", "said"), OFFENDERS)
def test_an_offender_is_caught(module: str, text: str, said: str) -> None:
    assert any(said in complaint for complaint in complaints(Source(module, text)))


def test_a_module_that_keeps_the_rules_is_left_alone() -> None:
    for module, text in [
        ("cli", "import typer\nfrom clrctl.commands import validate\nraise typer.Exit"),
        ("commands.a", "from clrctl.commands import options"),
        ("document.a", "import yaml, orjson, re\nfrom clrctl.errors import InputError"),
        ("http", "from clrctl import __version__\nimport httpx"),
        ("endpoint", "from clrctl.sandbox.contract import DEFAULT_PORT"),
    ]:
        assert list(complaints(Source(module, text))) == []


def test_the_arrows_between_modules_never_run_in_a_circle() -> None:
    known = {source.module for source in SOURCES}

    def target(name: str) -> str:
        while name not in known:
            name = name.rpartition(".")[0]
        return name

    graph = {source.module: {target(name) for name in source.ours} for source in SOURCES}
    for module, targets in graph.items():
        targets -= {module, ""}
    list(graphlib.TopologicalSorter(graph).static_order())


def normal(distribution: str) -> str:
    """Return a name as packages are compared by it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("module", HOMES)
def test_a_module_is_declared_as_the_distribution_that_brings_it(module: str) -> None:
    installed = metadata.packages_distributions()
    if module not in installed:
        pytest.skip(f"{module} is not installed")
    assert DISTRIBUTIONS.get(module, module) in map(normal, installed[module])


def test_every_home_is_lived_in() -> None:
    assert set(HOMES) == {top for source in SOURCES for top in source.theirs}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    def names(requirements: list[str]) -> set[str]:
        return {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in requirements}

    def imported(*, by_sandbox: bool) -> set[str]:
        chosen = [s for s in SOURCES if within(s.module, ("sandbox",)) is by_sandbox]
        return {DISTRIBUTIONS.get(top, top) for source in chosen for top in source.theirs}

    needed = imported(by_sandbox=False)
    optional = names(extras["keyring"]) | names(extras["xlsx"])
    assert names(project["dependencies"]) | optional == needed
    assert not names(project["dependencies"]) & optional
    assert names(extras["sandbox"]) == imported(by_sandbox=True) - needed


HEAVY = (
    "cryptography",
    "httpx",
    "jsonschema",
    "openpyxl",
    "jsonschema_rs",
    "rich",
    "yaml",
    "starlette",
    "truststore",
    "uvicorn",
)
STARTS = [
    # arguments, what must not be loaded for them
    (("--version",), ("typer", *HEAVY)),
    (("--help",), HEAVY),
    (("validate", "--help"), HEAVY),
    (("upsert", "--help"), HEAVY),
    (("sandbox", "--help"), HEAVY),
    (("endpoints",), ("httpx", "jsonschema", "jsonschema_rs", "rich", "starlette", "uvicorn")),
    (("show", str(SAMPLE)), (*(name for name in HEAVY if name != "jsonschema_rs"), "cryptography")),
    (
        ("validate", str(SAMPLE)),
        ("httpx", "rich", "starlette", "uvicorn", "platformdirs", "clrctl.proof", "cryptography"),
    ),
]
LOADED = """
import sys
from clrctl.__main__ import main
try:
    main()
except SystemExit as leaving:
    assert not leaving.code, leaving.code
sys.stderr.write("\\n" + " ".join(sys.modules))
"""


@pytest.mark.parametrize(
    ("args", "unwanted"), STARTS, ids=[Path(args[-1]).name for args, _ in STARTS]
)
def test_a_start_loads_only_what_it_needs(args: tuple[str, ...], unwanted: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOADED, *args], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "clrctl.__main__" in loaded
    assert loaded & set(unwanted) == set()


def formats(schema: Any) -> set[str]:
    """Return every `format` that a schema asks for."""
    if isinstance(schema, list):
        return set().union(*map(formats, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["format"]} if isinstance(schema.get("format"), str) else set()
    return own.union(*(formats(part) for key, part in schema.items() if key != "x-rule"))


@pytest.mark.parametrize("file", sorted(catalog.all_files()))
def test_every_format_of_a_schema_has_a_judge(file: str) -> None:
    for name in formats(catalog.schema(file)):
        assert name in catalog.explaining_validator(file).format_checker.checkers
        assert not catalog.format_validator(name).is_valid("not \x00 one")
