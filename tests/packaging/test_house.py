"""The house rules: which room may import what, through which door, and what a start loads.

A room is a package; its face is its `__init__.py`. The rules are read from the source, so that
imports inside functions and for types alone count too.
"""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import clrctl
from clrctl.standard import schemas

ROOT = Path(__file__).parents[2]
PACKAGE = Path(clrctl.__file__).parent
SAMPLE = ROOT / "samples" / "minimal.clr.json"

# Every import runs down this list; what stands in one line may not import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("api",),
    ("building", "sending"),
    ("showing", "verifying"),
    ("signing",),
    ("checking",),
    ("proof", "sandbox"),
    ("standard",),
    ("document", "http"),
    ("util",),
    ("errors",),
    ("finding", "_version"),
)
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}

# Each dependency has one home, so that another could take its place.
HOMES = {
    "typer": ("cli",),
    "rich": ("cli.console",),
    "httpx": ("http", "sending.auth", "sending.client"),
    "truststore": ("http",),
    "jsonschema": ("standard.schemas",),
    "jsonschema_rs": ("standard.schemas",),
    "referencing": ("standard.schemas",),
    "yaml": ("document",),
    "platformdirs": ("cli.settings",),
    "keyring": ("sending.auth.keyring",),
    "starlette": ("sandbox",),
    "uvicorn": ("sandbox",),
    "cryptography": ("proof.keys",),
    "openpyxl": ("building.tables.workbook",),
    "orjson": ("",),
}
# The distribution that brings a module, where its name is another.
DISTRIBUTIONS = {"yaml": "pyyaml", "jsonschema_rs": "jsonschema-rs"}

MAY_EXIT = ("cli", "__main__", "util.processes")
MAY_READ_ENVIRONMENT = ("cli.settings", "cli.console", "http.link")
MAY_IMPORT_BY_NAME = ("cli.app", "cli.output.formats", "checking.rules.registry", "util.lazy")


def within(module: str, places: tuple[str, ...]) -> bool:
    """Return whether a module is one of these places, or lies inside one."""
    return any(place in ("", module) or module.startswith(f"{place}.") for place in places)


@dataclass
class Source:
    """A module of ours, named from below the package: `cli.app`, `checking.rules.dates`."""

    module: str
    text: str
    is_face: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imported(self) -> list[tuple[str, str]]:
        """The imports, each as the module it is from and the name; of `import x` only x."""
        names: list[tuple[str, str]] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names += [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                module = f"{'.' * node.level}{node.module}"
                names += [(module, alias.name) for alias in node.names]
        return names

    @property
    def ours(self) -> list[tuple[str, str]]:
        """What it imports of ours, named from below the package."""
        found = []
        for module, name in self.imported:
            if module.partition(".")[0] == "clrctl" and name != "__version__":
                found.append((module.removeprefix("clrctl").removeprefix("."), name))
        return found

    @property
    def theirs(self) -> list[str]:
        tops = [module.partition(".")[0] for module, _ in self.imported]
        return [top for top in tops if top not in sys.stdlib_module_names and top != "clrctl"]

    @property
    def room(self) -> str:
        return self.module.partition(".")[0]

    def uses(self, *names: str) -> list[str]:
        """Return which of these dotted names stand in the code."""
        written = {ast.unparse(n) for n in self.nodes if isinstance(n, ast.Name | ast.Attribute)}
        written |= {f"{module}.{name}".rstrip(".") for module, name in self.imported}
        return [name for name in names if name in written]

    @cached_property
    def lent(self) -> dict[str, str]:
        """Of a face: the names that it lends to other rooms, and the module each comes from."""
        found: dict[str, str] = {}
        for node in self.tree.body:
            if isinstance(node, ast.If):
                for statement in node.body:
                    assert isinstance(statement, ast.ImportFrom)
                    module = (statement.module or "").removeprefix("clrctl.")
                    found |= {alias.name: module for alias in statement.names}
        return found


def all_sources() -> list[Source]:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        found.append(Source(module, file.read_text(encoding="utf-8"), file.stem == "__init__"))
    return found


SOURCES = all_sources()
MODULES = {source.module: source for source in SOURCES}
FACES = [source for source in SOURCES if source.is_face and source.module]


def complaints(source: Source) -> Iterator[str]:
    """Yield what in a module is against the house rules."""
    yield from foreign(source)
    yield from upward(source)
    yield from past_a_face(source)
    if not within(source.module, MAY_EXIT):
        exits = source.uses("sys.exit", "os._exit", "typer.Exit", "SystemExit", "exit", "quit")
        yield from (f"ends the program: {name}" for name in exits)
    if not within(source.module, MAY_READ_ENVIRONMENT):
        for name in source.uses("os.environ", "os.environb", "os.getenv"):
            yield f"reads the environment: {name}"
    yield from (f"writes past the console: {name}" for name in source.uses("print"))
    if source.module != "util.html" and source.uses("html.escape"):
        yield "escapes HTML: clrctl.util.element does that"
    if source.module != "util.html" and "<!doctype html>" in source.text:
        yield "lays out a page: clrctl.util.Layout does that"
    by_name = source.uses("importlib.import_module") and source.module
    if by_name and source.module not in MAY_IMPORT_BY_NAME:
        yield "imports by a name that cannot be seen"


def foreign(source: Source) -> Iterator[str]:
    for top in source.theirs:
        if top not in HOMES:
            yield f"unknown package {top or '(relative import)'}"
        elif not within(source.module, HOMES[top]):
            yield f"{top} has its home in {', '.join(HOMES[top])}"


def upward(source: Source) -> Iterator[str]:
    """Yield imports that do not run down the list of floors."""
    for module, name in source.ours:
        room = module.partition(".")[0] or name
        if room != source.room and source.module and FLOOR[room] <= FLOOR[source.room]:
            yield f"{source.room} must not import {room}"


def past_a_face(source: Source) -> Iterator[str]:
    """Yield imports that enter a room, or a room within a room, otherwise than by its face."""
    here = source.module.split(".") if source.is_face else source.module.split(".")[:-1]
    for module, name in source.ours:
        # Every face uses this, the one of the room where it lies included.
        if (module, name) == ("util.lazy", "lazily") and source.is_face:
            continue
        there = module.split(".") if module else []
        shared = 0
        while shared < min(len(here), len(there)) and here[shared] == there[shared]:
            shared += 1
        if len(there) > shared + 1:
            yield f"reaches past the face of {'.'.join(there[: shared + 1])}: {module}"
        elif len(there) == shared + 1 and lends_not(module, name):
            yield f"the face of {module} does not lend {name}"


def lends_not(module: str, name: str) -> bool:
    """Return whether a module is a face, and not one that lends a name."""
    return module in MODULES and MODULES[module].is_face and name not in MODULES[module].lent


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.module or "clrctl")
def test_every_module_keeps_the_house_rules(source: Source) -> None:
    assert list(complaints(source)) == []


OFFENDERS = [
    # module, its source, what is said
    ("checking.rules.dates", "import requests", "unknown package requests"),
    ("cli.app", "import click", "unknown package click"),
    ("cli.app", "from . import console", "unknown package (relative import)"),
    (
        "cli.output.x",
        "def f():\n    from rich.text import Text",
        "rich has its home in cli.console",
    ),
    ("sending.upload", "import yaml", "yaml has its home in document"),
    ("checking.explain", "import jsonschema.validators", "jsonschema has its home in standard"),
    ("cli.x", "from starlette.applications import X", "starlette has its home in sandbox"),
    ("errors", "from clrctl.cli import console", "errors must not import cli"),
    ("util.secret", "from clrctl.document import parse", "util must not import document"),
    ("document.inputs", "import clrctl.standard.schemas", "document must not import standard"),
    ("document.inputs", "from clrctl.http import Client", "document must not import http"),
    (
        "sandbox.routes",
        "from clrctl.checking import check_data",
        "sandbox must not import checking",
    ),
    ("standard.x", "if TYPE_CHECKING:\n    from clrctl import api", "standard must not import api"),
    ("sending.x", "def f():\n    from clrctl.cli import run", "sending must not import cli"),
    ("building.x", "from clrctl.sending import Journal", "building must not import sending"),
    ("cli.x", "from clrctl.sending.journal import Journal", "past the face of sending"),
    (
        "sending.x",
        "from clrctl.sending.journal.entry import Entry",
        "past the face of sending.jour",
    ),
    ("sending.x", "from clrctl.document import nothing", "face of document does not lend nothing"),
    ("sending.prepare", "import sys\nsys.exit(1)", "ends the program: sys.exit"),
    ("sending.prepare", "raise SystemExit", "ends the program: SystemExit"),
    ("http.client", "import os\nos.environ['X']", "reads the environment: os.environ"),
    ("http.client", "from os import getenv", "reads the environment: os.getenv"),
    ("sending.prepare", "print(1)", "writes past the console: print"),
    ("sandbox.x", "import html\nhtml.escape(x)", "escapes HTML"),
    ("cli.output.x", "from html import escape", "escapes HTML"),
    ("sending.x", "PAGE = '<!doctype html><title>x'", "lays out a page"),
    ("building.x", "import importlib\nimportlib.import_module(x)", "imports by a name"),
]


@pytest.mark.parametrize(("module", "text", "said"), OFFENDERS)
def test_an_offender_is_caught(module: str, text: str, said: str) -> None:
    assert any(said in complaint for complaint in complaints(Source(module, text)))


def test_a_module_that_keeps_the_rules_is_left_alone() -> None:
    for module, text in [
        ("cli.app", "import typer\nfrom clrctl.cli import options\nraise typer.Exit"),
        ("document.a", "import yaml, orjson, re\nfrom clrctl.errors import InputError"),
        ("http.a", "from clrctl import __version__\nimport httpx"),
        ("sending.a", "from clrctl.sending.journal import Journal"),
        ("sending.journal.a", "from clrctl.sending.journal.entry import Entry"),
    ]:
        assert list(complaints(Source(module, text))) == []


def test_the_root_holds_rooms_and_what_python_asks_for() -> None:
    # The schemas lie beside the package in a checkout, and inside of it where it is installed.
    ours = {file.name for file in PACKAGE.iterdir()}
    here = ours - {"__pycache__", "_schemas"}
    files = {"__init__.py", "__main__.py", "_version.py", "api.py", "errors.py", "finding.py"}
    rooms = {name for name in FLOOR if (PACKAGE / name).is_dir()}
    assert here == files | rooms | {"py.typed"}
    assert {Path(name).stem for name in files} | rooms == set(FLOOR) | {"__init__"}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.module)
def test_a_face_lends_what_others_use_and_nothing_else(face: Source) -> None:
    listed = [node for node in face.tree.body if isinstance(node, ast.Assign)]
    names = next(
        (ast.literal_eval(n.value) for n in listed if ast.unparse(n.targets[0]) == "__all__"), []
    )
    assert sorted(names) == sorted(face.lent)
    outside = [s for s in SOURCES if not within(s.module, (face.module,))]
    used = {name for source in outside for module, name in source.ours if module == face.module}
    used |= set(attributes(face.module, outside))
    assert set(face.lent) == used
    for name, home in face.lent.items():
        # A module that is loaded later would hide a name of its own.
        is_module = f"{face.module}.{name}" in MODULES
        assert not is_module or home == face.module, name


def attributes(room: str, sources: list[Source]) -> Iterator[str]:
    """Yield what is used of a room that was imported as a whole: `http.Client`."""
    above, _, leaf = room.rpartition(".")
    for source in sources:
        called = {
            alias.asname or leaf
            for node in source.nodes
            if isinstance(node, ast.ImportFrom) and node.module == f"clrctl.{above}".rstrip(".")
            for alias in node.names
            if alias.name == leaf
        }
        for node in source.nodes:
            is_member = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if is_member and node.value.id in called and node.attr in MODULES[room].lent:
                yield node.attr


def test_every_name_of_a_face_is_there() -> None:
    import importlib

    for face in FACES:
        room = importlib.import_module(f"clrctl.{face.module}")
        for name in face.lent:
            assert getattr(room, name) is not None
        with pytest.raises(AttributeError):
            _ = room.no_such_name


def test_the_arrows_between_modules_never_run_in_a_circle() -> None:
    def target(module: str, name: str) -> str:
        """Return the module that a name of ours is really from."""
        full = f"{module}.{name}".strip(".")
        if full in MODULES and not MODULES[full].is_face:
            return full
        if module in MODULES and MODULES[module].is_face and name in MODULES[module].lent:
            home = MODULES[module].lent[name]
            return target(home, name) if home != module else full
        return module

    graph = {
        source.module: {target(*one) for one in source.ours} - {source.module, ""}
        for source in SOURCES
        if not source.is_face
    }
    list(graphlib.TopologicalSorter(graph).static_order())


def test_the_picture_of_the_readme_is_the_house() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"```text\n(__main__.*?)```", text, re.S)
    # Rooms stand in the first two columns, before the words about them.
    drawn = [tuple(line[:26].split()) for line in picture.splitlines()]
    assert drawn == [tuple(floor) for floor in FLOORS]


def test_no_class_has_the_name_of_another() -> None:
    names = Counter(
        node.name for source in SOURCES for node in source.nodes if isinstance(node, ast.ClassDef)
    )
    assert [name for name, number in names.items() if number > 1] == []


def normal(distribution: str) -> str:
    """Return a name as packages are compared by it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


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


@pytest.mark.parametrize("file", sorted(schemas.all_files()))
def test_every_format_of_a_schema_has_a_judge(file: str) -> None:
    for name in formats(schemas.schema(file)):
        assert name in schemas.explaining_validator(file).format_checker.checkers
        assert not schemas.format_validator(name).is_valid("not \x00 one")
