"""Signing and verifying CLRs beside PyLD, openbadgeslib and jsonld.js, and `clrctl verify` cold.

All of them do the same work: of a CLR with N signed credentials in it N + 1 proofs of
eddsa-rdfc-2022. The programs take turns, each in a process of its own that has done it once
before; the medians are compared. That all of them make the same outer proof is checked. See
README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import credentials

HERE = Path(__file__).parent
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(credentials.ROOT),
}
OPTIONS = {"created": "2025-06-30T12:00:00Z"}
Times = dict[str, dict[int, list[float]]]


def make(folder: Path, numbers: list[int]) -> None:
    """Write CLRs of an issuer of our own to sign and to verify, and what the peers need."""
    sys.path.insert(0, str(credentials.ROOT))
    from clrctl.proof.jsonld import facts
    from clrctl.proof.keys.dids import method_for
    from clrctl.proof.keys.secret import SecretKey

    key = SecretKey.generate("Ed25519")
    issuer = key.public.did
    options = {**OPTIONS, "verificationMethod": method_for(issuer, key.public)}
    (folder / "key.pem").write_text(key.pem, encoding="ascii")
    (folder / "public.pem").write_text(key.public.pem, encoding="ascii")
    (folder / "options.json").write_text(json.dumps(options), encoding="utf-8")
    contexts = {url: facts.context(url) for url in facts.urls()}
    (folder / "contexts.json").write_text(json.dumps(contexts), encoding="utf-8")
    for number in {40, *numbers}:
        clr = of_issuer(credentials.credential(number, number), issuer)
        raw = json.dumps(clr).encode()
        (folder / f"sign-{number}.json").write_bytes(raw)
        (folder / f"verify-{number}.json").write_bytes(signed(raw, folder))


def of_issuer(value: Any, issuer: str) -> Any:
    """Return a credential without proofs, and all in it issued by one issuer."""
    if isinstance(value, list):
        return [of_issuer(item, issuer) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: of_issuer(item, issuer) for name, item in value.items() if name != "proof"}
    if isinstance(found.get("issuer"), dict):
        found["issuer"]["id"] = issuer
    elif "issuer" in found:
        found["issuer"] = issuer
    return found


def signed(raw: bytes, folder: Path) -> bytes:
    from clrctl.document.parsing import parse
    from clrctl.proof.keys.secret import SecretKey
    from clrctl.signing.binding import IssuerKey
    from clrctl.signing.documents import SignOptions, sign

    key = IssuerKey(SecretKey.from_pem((folder / "key.pem").read_bytes()))
    text = sign(parse(raw), SignOptions([key], created=OPTIONS["created"])).text
    return bytes(text)


def programs(place: Path) -> dict[str, list[str]]:
    """Return the command of each program; what is missing is installed in a folder of its own."""
    python = place / "python" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", place / "python"], check=True)
        pip = [python, "-m", "pip", "install", "-q", "openbadgeslib[ldp]"]
        subprocess.run(pip, check=True)
    worker = str(HERE / "proofs_peers.py")
    found = {
        "clrctl": [sys.executable, worker, "clrctl"],
        "PyLD": [str(python), worker, "PyLD"],
        "openbadgeslib": [str(python), worker, "openbadgeslib"],
    }
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        print("Node is not installed: without jsonld.js")
        return found
    modules = place / "node_modules"
    if not modules.exists():
        npm_install = [npm, "install", "--silent", "--prefix", str(place), "jsonld"]
        subprocess.run(npm_install, check=True)
    shutil.copy(HERE / "proofs_node.mjs", place)  # modules are looked for beside it
    return {**found, "jsonld.js": [node, str(place / "proofs_node.mjs")]}


def turn(command: list[str], task: str, folder: Path, numbers: list[int]) -> dict[int, Any]:
    done = subprocess.run(
        [*command, task, str(folder), *map(str, numbers)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return {int(number): found for number, found in json.loads(done.stdout).items()}


def compare(
    commands: dict[str, list[str]], task: str, folder: Path, numbers: list[int], rounds: int
) -> None:
    """Measure one task with each program in turns, and print the medians and their ratios."""
    times: Times = {name: {number: [] for number in numbers} for name in commands}
    for _ in range(rounds):
        outer: dict[int, set[str]] = {number: set() for number in numbers}
        for name, command in commands.items():
            for number, (seconds, value) in turn(command, task, folder, numbers).items():
                times[name][number].append(seconds)
                outer[number].add(value)
        if any(len(values) > 1 for values in outer.values()):
            raise SystemExit(f"the outer proofs differ: {outer}")
    print(f"\n{task}: milliseconds, and how often clrctl does it in that time")
    print(f"  {'credentials':<16}" + "".join(f"{number:>18}" for number in numbers))
    for name, found in times.items():
        row = ""
        for number in numbers:
            mine = statistics.median(times["clrctl"][number])
            own = statistics.median(found[number])
            row += f"{own * 1000:10.1f}{own / mine:7.1f}x"
        print(f"  {name:<16}{row}")


def cold(folder: Path, number: int, rounds: int) -> None:
    """Print the processor time of a whole `clrctl verify`, the start of Python included."""
    from clrctl._version import __version__

    command = [sys.executable, "-c", "from clrctl.__main__ import main; main()", "verify"]
    before = os.times()
    start = time.perf_counter()
    for _ in range(rounds):
        subprocess.run(
            [*command, str(folder / f"verify-{number}.json")],
            env=ENVIRONMENT,
            capture_output=True,
            check=True,
        )
    wall = time.perf_counter() - start
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    print(f"\nclrctl {__version__} verify, cold, {number} credentials")
    print(f"  processor {used / rounds:.3f} s, wall {wall / rounds:.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--number", type=int, nargs="+", default=[1, 40, 400])
    parser.add_argument("--rounds", type=int, default=3)
    peers = Path(tempfile.gettempdir()) / "clrctl-benchmark-proofs"
    parser.add_argument("--peers", type=Path, default=peers, help="folder of the other programs")
    options = parser.parse_args()
    options.peers.mkdir(exist_ok=True)
    commands = programs(options.peers)
    print(f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, options.number)
        for task in ("verify", "sign"):
            compare(commands, task, folder, options.number, options.rounds)
        cold(folder, 40, 10)


if __name__ == "__main__":
    main()
