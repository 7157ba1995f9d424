"""`clrctl build` from CSV beside `json.dump` of the same records. See README.md."""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLRCTL = [sys.executable, "-c", "from clrctl.__main__ import main; main()"]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "CLRCTL_ID_SECRET": "a secret for the benchmark alone",
}
COURSES = 200
EACH = 40
JOBS = 2
MAPPING = """\
tables: 1
timezone: America/Denver
issuer: {id: "https://bench.example/issuer", name: Bench School}
record: {key: transcript, name: Transcript, as_of: 2026-06-01, partial: false}
scales:
  letter: {type: LetterGrade, values: [F, D, C, B, A]}
  percent: {type: Percent, min: 0, max: 100}
  status: {type: Status}
achievements:
  results:
    Course: {Final grade: letter, Percent: percent, Status: status}
"""


def write_tables(folder: Path, learners: int) -> None:
    """Write the tables of a school whose awards are in no order."""
    chance = random.Random(1)  # noqa: S311 - the same in every run
    folder.mkdir()
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    courses = [
        (f"{n:04}", f"Course {n}", "Course", "Pass the final.", "1.0", "Field")
        for n in range(COURSES)
    ]
    awards = [
        [
            *(f"{n:06}", f"{c:04}", f"2026-05-{1 + c % 28:02}", "2025-26", "1.0"),
            *(chance.choice("ABCD"), str(chance.randint(60, 100)), "Completed"),
        ]
        for n in range(learners)
        for c in chance.sample(range(COURSES), EACH)
    ]
    chance.shuffle(awards)
    tables = {
        "learners": (
            "learner_id,name,email",
            [(f"{n:06}", f"Learner {n}", f"l{n}@bench.example") for n in range(learners)],
        ),
        "achievements": ("achievement_id,name,type,criteria,credits,field", courses),
        "awards": (
            "learner_id,achievement_id,awarded,term,credits,"
            "result:Final grade,result:Percent,status",
            awards,
        ),
    }
    for name, (head, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(head.split(","))
            writer.writerows(rows)


def cpu(command: list[str]) -> float:
    """Return the processor time that a command takes, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wall(command: list[str]) -> float:
    """Return the time that a command takes, in seconds."""
    before = time.perf_counter()
    subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True)
    return time.perf_counter() - before


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def dump(records: list[object], target: Path) -> float:
    """Return the processor time of writing the records by `json.dump`."""
    before = time.process_time()
    for number, record in enumerate(records):
        with (target / f"{number}.json").open("w", encoding="utf-8") as stream:
            json.dump(record, stream, indent=2, ensure_ascii=False)
    return time.process_time() - before


def main() -> None:
    """Measure, in turns, and print medians."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--learners", type=int, default=1000)
    flags.add_argument("--rounds", type=int, default=3)
    asked = flags.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(folder / "tables", asked.learners)
        out, dumped = folder / "out", folder / "dumped"
        dumped.mkdir()
        given = [*CLRCTL, "build", str(folder / "tables"), "--jobs"]
        command = [*given, "1", "-o", str(out)]
        spread = [*given, str(JOBS), "-o", str(folder / "spread")]
        fresh, again, plain, ratios = [], [], [], []
        memory = 0
        for _ in range(asked.rounds):
            shutil.rmtree(out, ignore_errors=True)
            fresh.append(cpu(command))
            again.append(cpu(command))
            # Later children begin with the peak of this process, once it has read the records.
            memory = memory or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            files = sorted(out.glob("*.clr.json"))
            records = [json.loads(file.read_bytes()) for file in files]
            plain.append(dump(records, dumped))
            shutil.rmtree(out)
            shutil.rmtree(folder / "spread", ignore_errors=True)
            ratios.append(wall(command) / wall(spread))
            if contents(out) != contents(folder / "spread"):
                sys.exit("the bytes depend on the number of processes")
        size = sum(file.stat().st_size for file in files) / len(files)
        in_megabytes = memory / (2**20 if sys.platform == "darwin" else 2**10)
    built, unchanged, written = map(statistics.median, (fresh, again, plain))
    count = asked.learners
    sys.stdout.write(
        f"{count:,} records of {size / 1000:.0f} kB, {EACH} awards each; processor time\n"
        f"build       {count / built:8.0f} a second\n"
        f"again       {count / unchanged:8.0f} a second, nothing changed\n"
        f"json.dump   {count / written:8.0f} a second\n"
        f"build takes {built / written:.1f} times as long as json.dump\n"
        f"peak memory {in_megabytes:.0f} MB\n"
        f"--jobs {JOBS}    {statistics.median(ratios):8.2f} times as fast as one, the same bytes\n"
    )


if __name__ == "__main__":
    main()
