"""What an installation carries: built and installed in fresh places, used outside the checkout.

The dependencies are lent by this environment, so that nothing is fetched.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "minimal.clr.json"
BROKEN = ROOT / "samples" / "broken" / "schema.required--issuer.json"
SCHEMAS = sorted(f.relative_to(ROOT / "schemas") for f in (ROOT / "schemas").rglob("*.json"))

MISSING = [name for name in ("pip", "hatchling") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.packaging,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"building needs {' and '.join(MISSING)}"),
]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that must not see this checkout, nor the settings of whoever tests."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_", "COV"))}
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**environ, "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def must(*command: str | Path, cwd: Path) -> str:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """A fresh environment with clrctl in it.

    Attributes:
        how: the way it was installed.
        source: the copy of the checkout it was installed from.
        python, program: what can be run there.
        site: its folder of packages.
        elsewhere: a folder to work in.
    """

    how: str
    source: Path
    python: Path
    program: Path
    site: Path
    elsewhere: Path


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what a clone has, so that building leaves nothing behind in this one."""
    copy = tmp_path_factory.mktemp("checkout") / "clrctl"
    kept = ("clrctl", "schemas", "samples", "tests", "benchmarks")
    for name in kept:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.iterdir():
        if file.is_file() and not file.name.startswith(".coverage"):
            shutil.copy(file, copy)
    return copy


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    must(
        sys.executable, "-P", "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=checkout
    )
    (archive,) = folder.glob("clrctl-*.tar.gz")
    return archive


def environment(folder: Path) -> tuple[Path, Path]:
    """Make an empty virtual environment that sees the packages of this one after its own."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scheme = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    # Read last, by its name, so that an editable installation comes first.
    (site / "zz_lent.pth").write_text("\n".join(sorted(lent)), encoding="utf-8")
    return Path(sysconfig.get_path("scripts", "venv", scheme)), site


editable = pytest.param(
    "pip install -e .",
    marks=pytest.mark.skipif(
        importlib.util.find_spec("editables") is None,
        reason="an editable installation needs the package editables",
    ),
)


@pytest.fixture(scope="module", params=["pip install .", editable, "sdist -> wheel"])
def installed(
    request: pytest.FixtureRequest,
    checkout: Path,
    sdist: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    scripts, site = environment(folder / "venv")
    suffix = sysconfig.get_config_var("EXE") or ""
    python = scripts / f"python{suffix}"
    what = {"pip install .": ["."], "pip install -e .": ["-e", "."], "sdist -> wheel": [sdist]}
    pip = (sys.executable, "-P", "-m", "pip", "--python", python)
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    must(*pip, "install", "--quiet", *offline, *what[request.param], cwd=checkout)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Installed(request.param, checkout, python, scripts / f"clrctl{suffix}", site, elsewhere)


def test_the_program_runs_outside_the_checkout(installed: Installed) -> None:
    from clrctl._version import __version__

    version = must(installed.program, "--version", cwd=installed.elsewhere)
    assert version.startswith(f"clrctl {__version__} (Python 3.")
    good = run(installed.program, "validate", SAMPLE, cwd=installed.elsewhere)
    assert good.returncode == 0, good.stderr
    bad = run(installed.program, "validate", BROKEN, cwd=installed.elsewhere)
    assert bad.returncode == 1
    assert "schema/required" in bad.stdout


def test_the_schemas_are_all_there(installed: Installed) -> None:
    code = "from clrctl.standard import schemas as c; print(c.__file__); print(c.folder())"
    package, schemas = must(installed.python, "-c", code, cwd=installed.elsewhere).splitlines()
    if installed.how == "pip install -e .":
        home, expected = installed.source / "clrctl", installed.source / "schemas"
        assert not (installed.site / "clrctl").exists(), "a copy that would go stale"
    else:
        home, expected = installed.site / "clrctl", installed.site / "clrctl" / "_schemas"
    assert Path(package).parents[1].resolve() == home.resolve()
    assert Path(schemas).resolve() == expected.resolve()
    assert sorted(f.relative_to(schemas) for f in Path(schemas).rglob("*.json")) == SCHEMAS
    for file in SCHEMAS:
        assert Path(schemas, file).read_bytes() == (ROOT / "schemas" / file).read_bytes()


def test_the_sandbox_answers_with_its_page(installed: Installed) -> None:
    pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
    code = """
import pathlib, urllib.request
from clrctl import sandbox
with sandbox.start(pathlib.Path("records.db"), check=lambda body: []) as running:
    print(urllib.request.build_opener().open(running.url + "/").status)
"""
    assert must(installed.python, "-c", code, cwd=installed.elsewhere) == "200\n"


def test_the_wheel_holds_the_package_and_nothing_else(
    sdist: Path, checkout: Path, tmp_path: Path
) -> None:
    build = (sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    must(*build, cwd=checkout)
    (wheel,) = tmp_path.glob("clrctl-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = next(name for name in names if name.endswith("/METADATA")).partition("/")[0]
        scripts = archive.read(f"{info}/entry_points.txt").decode()
    assert {name.partition("/")[0] for name in names} == {"clrctl", info}
    assert "clrctl = clrctl.__main__:main" in scripts
    sources = [f for f in (checkout / "clrctl").rglob("*") if f.is_file() and f.suffix != ".pyc"]
    expected = {f"clrctl/{f.relative_to(checkout / 'clrctl').as_posix()}" for f in sources}
    expected |= {f"clrctl/_schemas/{f.as_posix()}" for f in SCHEMAS}
    assert {name for name in names if name.startswith("clrctl/")} == expected
    assert {"clrctl/py.typed", "clrctl/sandbox/page.css"} <= expected
    assert f"{info}/licenses/LICENSE" in names


def test_the_sdist_holds_what_the_tests_need(sdist: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(sdist, tmp_path, filter="data")
    (top,) = tmp_path.iterdir()
    for name in ("README.md", "LICENSE", "pyproject.toml", "samples/README.md"):
        assert (top / name).is_file()
    packed = {f.relative_to(top).as_posix() for f in top.rglob("*") if f.is_file()}
    assert {f"tests/{f.name}" for f in (ROOT / "tests").glob("*.py")} <= packed
    assert {f"schemas/{f.as_posix()}" for f in SCHEMAS} <= packed
