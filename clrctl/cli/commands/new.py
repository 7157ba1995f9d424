"""`clrctl new`: files to start from, which build as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import InputError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.building import Starter

_STDOUT = "-"
_SECRET_BYTES = 32

new = options.group(
    """Write files to start from: commented, and good to build as they are.

Examples:
  clrctl new recipe
  clrctl new tables transcripts
  clrctl new credential
  clrctl new secret"""
)

Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]


@options.enter(new, "recipe")
def recipe(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="The new recipe; - prints it.")
    ] = "recipe.yaml",
    force: Force = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Write a recipe: the record of one learner, in YAML.

    A secret that ids of learners depend on is made beside it, and a .gitignore that keeps it out of
    version control, where there are none.

    Examples:
      clrctl new recipe
      clrctl new recipe - > recipe.yaml
    """
    from clrctl.building import starters as starting

    console = consoles.configure(color=color, quiet=quiet)
    file = Path(path)
    name = "recipe.yaml" if path == _STDOUT else file.name
    starters = starting.recipe(name, _secret())
    if path == _STDOUT:
        console.answer(starters[0].data.decode().rstrip("\n"))
        return
    _write(console, file.parent, starters, force=force)
    secret = file.parent / starting.SECRET
    console.say(f"next: clrctl build {safe(path)} -o record.clr.json --secret-file {safe(secret)}")


@options.enter(new, "tables")
def tables(
    path: Annotated[
        str, typer.Argument(metavar="FOLDER", help="Folder for them; made where it is missing.")
    ] = "tables",
    force: Force = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Write tables for the records of many learners, and their mapping.

    A secret that ids of learners depend on is made beside them, and a .gitignore that keeps it out
    of version control, where there are none.

    Examples:
      clrctl new tables transcripts
    """
    from clrctl.building import starters as starting

    console = consoles.configure(color=color, quiet=quiet)
    folder = Path(path)
    _write(console, folder, starting.tables(path, _secret()), force=force)
    secret = folder / starting.SECRET
    console.say(f"next: clrctl build {safe(path)} -o out --secret-file {safe(secret)}")


@options.enter(new, "credential")
def credential(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="The new credential; - prints it.")
    ] = "record.clr.yaml",
    force: Force = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Write a record (CLR) in full, in YAML, to be changed by hand.

    Its ids are new, so that no two files are of one record.

    Examples:
      clrctl new credential
      clrctl new credential - | clrctl validate -
    """
    from uuid import uuid4

    from clrctl.building import starters as starting

    console = consoles.configure(color=color, quiet=quiet)
    file = Path(path)
    name = "record.clr.yaml" if path == _STDOUT else file.name
    if file.suffix == ".json":
        raise UsageError("comments need YAML", where=path, fix=f"name it {file.stem}.yaml")
    starters = starting.credential(name, lambda: str(uuid4()))
    if path == _STDOUT:
        console.answer(starters[0].data.decode().rstrip("\n"))
        return
    _write(console, file.parent, starters, force=force)
    console.say(f"next: clrctl validate {safe(path)}")


@options.enter(new, "secret")
def secret(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="The new secret; - prints it.")
    ] = "id-secret",
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Make the secret that ids of learners depend on, for `build --secret-file`.

    One is enough for all records of an issuer, and every build needs the same: with another one
    each learner would get a second record. A file that is there is never replaced.

    Examples:
      clrctl new secret
      clrctl new secret ~/.secrets/clr-ids
    """
    from clrctl.util import atomic

    console = consoles.configure(color=color, quiet=quiet)
    if path == _STDOUT:
        console.answer(_secret())
        return
    file = Path(path).expanduser()
    if file.exists():
        raise InputError(
            "a file is there already, and a secret is never replaced",
            where=path,
            fix="use it, if it is the secret of your records; or name another file",
        )
    atomic.create(file, f"{_secret()}\n".encode(), mode=atomic.PRIVATE)
    console.answer(safe(path, limit=None))
    console.say("keep a copy of it where nobody else reads it: all later builds need the same")
    console.say(f"next: clrctl build SOURCE -o records --secret-file {safe(path)}")


def _secret() -> str:
    import secrets

    return secrets.token_hex(_SECRET_BYTES)


def _write(console: Console, folder: Path, starters: tuple[Starter, ...], *, force: bool) -> None:
    """Write the files, all or none where one is in the way; say what was written.

    Raises:
        InputError: files are there already and may not be replaced, or one cannot be written.
    """
    from clrctl.util import atomic

    wanted = [(folder / one.name, one) for one in starters]
    there = [path for path, one in wanted if path.exists() and not one.keeps]
    if there and not force:
        raise InputError(
            "the files exist already" if len(there) > 1 else "the file exists already",
            where=", ".join(map(str, there)),
            fix="name another place, or add --force to replace them",
        )
    with atomic.told(folder, atomic.Words("cannot make the folder")):
        folder.mkdir(parents=True, exist_ok=True)
    for path, one in wanted:
        if one.keeps and path.exists():
            console.say(f"{safe(path)} is there already, and stays as it is")
            continue
        atomic.replace(path, one.data, mode=atomic.PRIVATE if one.is_secret else None)
        console.answer(safe(path, limit=None))
