"""`clrctl validate` beside check-jsonschema and the JSON Schema CLI of Sourcemeta.

Everything is measured in one run, the programs taking turns, and told as a ratio of medians: the
times themselves mean little on another machine. See README.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import credentials

Command = list[str]
Measure = Callable[[Command], float]

# As the installed command does it; `-m` would import more.
CLRCTL = [sys.executable, "-c", "from clrctl.__main__ import main; main()"]
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(credentials.ROOT),
}


def seconds(command: Command) -> float:
    """Return how long a command takes; every one here has to find its input valid."""
    start = time.perf_counter()
    subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True)
    return time.perf_counter() - start


def peak(command: Command) -> float:
    """Return the most memory, in MB, that the largest process of a command holds at once."""
    program = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,"
        " check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], env=ENVIRONMENT, capture_output=True, check=True
    )
    return int(done.stdout) / (2**20 if sys.platform == "darwin" else 2**10)


def compare(
    commands: Mapping[str, Command], rounds: int, measure: Measure = seconds
) -> dict[str, float]:
    """Return the median of each command, all of them measured in turns after one warm-up."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            value = measure(command)
            if turn:
                found[name].append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def tell(title: str, found: Mapping[str, float], *ratios: tuple[str, str, float]) -> None:
    """Print the medians, and the quotients of two of them times a factor."""
    print(f"\n{title}")
    for name, value in found.items():
        print(f"  {name:<28} {value:10.3f}")
    for above, below, factor in ratios:
        print(f"  {f'{above} / {below}':<50} {factor * found[above] / found[below]:6.2f}")


def main() -> None:
    options = arguments()
    check_jsonschema, sourcemeta = peers(options.peers)
    print(f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        schema = str(credentials.bundle(folder / "schema.json"))
        by_schema = [*check_jsonschema, "--schemafile", schema]
        fast = [*sourcemeta, "validate", "--fast", schema]
        fast_formats = [*sourcemeta, "validate", "--fast", "--format-assertion", schema]
        start(options.rounds)
        one_file(folder, options.rounds, by_schema, fast, fast_formats)
        many_files(folder, options, by_schema, fast, fast_formats)
        memory(folder, options.lines)


def start(rounds: int) -> None:
    commands = {"python": [sys.executable, "-c", "pass"], "clrctl": [*CLRCTL, "--version"]}
    tell("--version (s)", compare(commands, 3 * rounds), ("clrctl", "python", 1))


def one_file(folder: Path, rounds: int, *others: Command) -> None:
    (file,) = credentials.folder(folder / "one", 1).iterdir()
    names = ("check-jsonschema", "sourcemeta", "sourcemeta -F")
    found = compare(
        {
            "clrctl": [*CLRCTL, "validate", str(file)],
            **{name: [*command, str(file)] for name, command in zip(names, others, strict=True)},
        },
        2 * rounds,
    )
    tell(
        f"one file of {file.stat().st_size / 1000:.0f} kB (s)",
        found,
        *(("clrctl", name, 1) for name in names),
    )


def many_files(
    folder: Path,
    options: argparse.Namespace,
    by_schema: Command,
    fast: Command,
    fast_formats: Command,
) -> None:
    number = options.files
    all_files = credentials.folder(folder / "all", number)
    tenth = credentials.folder(folder / "tenth", number // 10)
    found = compare(
        {
            "clrctl": [*CLRCTL, "validate", str(all_files)],
            "check-jsonschema": [*by_schema, *map(str, tenth.iterdir())],
            "sourcemeta": [*fast, str(all_files)],
            "sourcemeta -F": [*fast_formats, str(all_files)],
        },
        options.rounds,
    )
    tell(
        f"a folder of {number:,} CLRs of {credentials.NESTED}; check-jsonschema: a tenth of it (s)",
        found,
        ("check-jsonschema", "clrctl", 10),
        ("sourcemeta", "clrctl", 1),
        ("sourcemeta -F", "clrctl", 1),
    )


def memory(folder: Path, number: int) -> None:
    few = credentials.lines(folder / "few.ndjson", 1000)
    many = credentials.lines(folder / "many.ndjson", number)
    files = {"1,000 lines": few, f"{number:,} lines": many}
    commands = {name: [*CLRCTL, "validate", str(file)] for name, file in files.items()}
    less, more = files
    tell("NDJSON, peak memory of a process (MB)", compare(commands, 1, peak), (more, less, 1))


def peers(folder: Path) -> tuple[Command, Command]:
    """Return how to run the peers, which are installed here if they are not there yet."""
    commands = []
    for package, name in (("check-jsonschema", "check-jsonschema"), ("sourcemeta-jsonschema",) * 2):
        # Each has an environment of its own: both bring a program called jsonschema.
        home = folder / name
        if not home.exists():
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
            subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", package], check=True)
        commands.append(home / "bin" / name.replace("sourcemeta-", ""))
    first, second = commands
    return [str(first)], [str(second)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=500, help="CLRs in the folder")
    parser.add_argument("--lines", type=int, default=20_000, help="CLRs in the large NDJSON file")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each program")
    parser.add_argument(
        "--peers",
        type=Path,
        default=Path(tempfile.gettempdir()) / "clrctl-peers",
        help="folder of the environments that the peers are installed in",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
