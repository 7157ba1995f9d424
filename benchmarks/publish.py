"""`clrctl upsert` beside `curl --parallel`: the same credentials to the same server, in turns.

curl sends bodies that are prepared for it, and looks at no answer; clrctl also starts, reads and
checks every file, keeps its journal and compares what comes back. So it is measured twice: as a
whole process, and from its first request to its last. See README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import credentials

PATH = "/ims/clr/v2p0/credentials/"
# Sending begins with the first parcel that is asked for, and ends with the last one told.
CLRCTL = """
import sys, time
from clrctl.sending import sender as sending
run = sending.Sender.run
def timed(*given):
    began = time.perf_counter()
    run(*given)
    print(time.perf_counter() - began, file=sys.stderr)
sending.Sender.run = timed
from clrctl.__main__ import main
main()
"""
MEASURED = """
import resource, sys
from clrctl.__main__ import main
try:
    main()
finally:
    for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        print(resource.getrusage(whose).ru_maxrss, file=sys.stderr)
"""


@contextlib.contextmanager
def serving(latency: float) -> Iterator[str]:
    """Run the server in a process of its own; yield where it takes credentials."""
    command = [sys.executable, str(Path(__file__).with_name("echo_server.py")), str(latency)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as server,
        cast(IO[str], server.stdin),
    ):
        port = cast(IO[str], server.stdout).readline().strip()
        yield f"http://127.0.0.1:{port}"


def curl_config(folder: Path, base: str, file: Path) -> None:
    """Write what curl is to do: one request for each file, on connections that stay open."""
    lines: list[str] = []
    for body in sorted(folder.iterdir()):
        lines += [
            "next" if lines else "",
            f'url = "{base}{PATH}"',
            f'data-binary = "@{body}"',
            'header = "Content-Type: application/json"',
            'header = "Expect:"',
            'output = "/dev/null"',
        ]
    file.write_text("\n".join(lines), encoding="utf-8")


def by_curl(config: Path, connections: int) -> float:
    """Return how long curl takes."""
    most = ["--parallel-immediate", "--parallel-max", str(connections)]
    start = time.perf_counter()
    command = ["curl", "-q", "--no-progress-meter", "--parallel", *most, "-K", str(config)]
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def by_clrctl(folder: Path, base: str, connections: int, flags: list[str]) -> tuple[float, float]:
    """Return how long clrctl takes from start to end, and for sending alone."""
    with tempfile.TemporaryDirectory() as home, (Path(home) / "out").open("wb") as out:
        given = ["upsert", str(folder), "-e", base, "--connections", str(connections), *flags]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", CLRCTL, *given],
            env=environment(home),
            stdout=out,
            stderr=subprocess.PIPE,
            check=True,
        )
        whole = time.perf_counter() - start
    times = [line for line in done.stderr.split() if line.count(b".") == 1 and line[:1].isdigit()]
    return whole, float(times[0])


def measure(folder: Path, latency: float, connections: int, options: argparse.Namespace) -> None:
    """Print the medians of one setting: requests a second, and ratios of them."""
    number, found = options.number, []
    with serving(latency) as base, tempfile.TemporaryDirectory() as place:
        config = Path(place) / "curl.conf"
        curl_config(folder, base, config)
        for turn in range(options.rounds + 1):
            times = (
                by_curl(config, connections),
                *by_clrctl(folder, base, connections, options.flag),
            )
            if turn:
                found.append(times)
    curl, whole, sending = (number / statistics.median(times) for times in zip(*found, strict=True))
    print(
        f"{latency * 1000:5.0f} ms {connections:4} {curl:10,.0f} {sending:10,.0f} {whole:10,.0f}"
        f" {sending / curl:9.2f} {whole / curl:9.2f}",
        flush=True,
    )


def memory(lines: int) -> None:
    """Print the peak memory of an upload of so many lines of NDJSON, in all of its processes."""
    with serving(0) as base, tempfile.TemporaryDirectory() as home:
        file = Path(home) / "in.ndjson"
        text = json.dumps(credentials.credential(0, nested=1))
        name = credentials.credential(0, nested=1)["id"]
        with file.open("w", encoding="utf-8") as stream:
            stream.writelines(
                text.replace(name, f"urn:example:{number}") + "\n" for number in range(lines)
            )
        command = [sys.executable, "-c", MEASURED, "upsert", str(file), "-e", base, "--quiet"]
        done = subprocess.run(
            command,
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
        )
        own, largest = (int(size) / 1024 for size in done.stderr.split()[-2:])
        print(f"{lines:9,} lines: {own:.0f} MB, and {largest:.0f} MB in each process that checks")


def environment(home: str) -> dict[str, str]:
    """Return what a clrctl of this checkout needs to send with nothing of the user's."""
    (Path(home) / "config.yaml").touch()
    return {
        **os.environ,
        "PYTHONPATH": str(credentials.ROOT),
        "CLRCTL_TOKEN": "a-token",
        "CLRCTL_DATA": home,
        "CLRCTL_CONFIG": str(Path(home) / "config.yaml"),
    }


def main() -> None:
    options = arguments()
    if options.lines:
        for lines in options.lines:
            memory(lines)
        return
    if not shutil.which("curl"):
        sys.exit("curl is not installed")
    print(f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as place:
        folder = credentials.folder(Path(place) / "in", options.number, nested=1)
        size = statistics.mean(file.stat().st_size for file in folder.iterdir())
        print(f"{options.number:,} CLRs of {size / 1000:.1f} kB; requests a second")
        print("latency conns       curl    sending      whole   sending/curl whole/curl")
        for latency in options.latency:
            for connections in options.connections:
                measure(folder, latency / 1000, connections, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=3_000, help="CLRs to send")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each program")
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 50], help="milliseconds")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 16, 64])
    parser.add_argument("--lines", type=int, nargs="+", help="measure memory instead")
    parser.add_argument("--flag", action="append", default=[], help="given to clrctl, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
