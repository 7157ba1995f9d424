"""The program's entry: answers `--version` at once and leaves the rest to `clrctl.cli.app`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `clrctl` with the process's arguments and leave with its exit code."""
    # Typer takes longer to import than this answer takes to give.
    if sys.argv[1:] in (["--version"], ["-V"]):
        from clrctl._version import version_line

        sys.stdout.write(version_line() + "\n")
        return
    from clrctl.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
