"""`clrctl status-list`: lists by which credentials can be revoked or suspended."""

from __future__ import annotations

import enum
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import UsageError
from clrctl.util import count, safe

if TYPE_CHECKING:
    from clrctl.finding import Json
    from clrctl.verifying import StatusList

FORMAT = "clrctl.status-list/1"

status_list = options.group(
    """Make and keep lists by which credentials can be revoked or suspended.

A list (BitstringStatusListCredential) is published at its URL and signed by the issuer of the
credentials. Each credential gets an entry in it before it is signed; to revoke it, set its entry,
sign the list again, and publish it. Which credential has which entry is kept beside the list, in a
file that is not to be published.

Examples:
  clrctl status-list new list.json --url https://s.example --issuer did:web:s
  clrctl status-list add list.json https://s.example/awards/17
  clrctl status-list set list.json https://s.example/awards/17
  clrctl status-list sign list.json --key issuer.jwk"""
)


class Purpose(enum.StrEnum):
    """What a set entry means."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    REFRESH = "refresh"


ListFile = Annotated[Path, typer.Argument(metavar="LIST", help="File of the status list.")]


@options.enter(status_list, "new")
def new(
    file: ListFile,
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where the list will be published.")
    ],
    issuer: Annotated[
        str, typer.Option("--issuer", metavar="ID", help="Issuer of the credentials.")
    ],
    purpose: Annotated[
        list[Purpose],
        typer.Option("--purpose", help="What a set entry means; may be given again."),
    ] = [Purpose.REVOCATION],  # noqa: B006 - Typer takes a copy
    entries: Annotated[
        int, typer.Option("--entries", metavar="N", help="Room for so many credentials.")
    ] = 131_072,
    valid_from: Annotated[
        str | None,
        typer.Option(
            "--valid-from", metavar="TIME", help="From when it holds.", show_default="now"
        ),
    ] = None,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Make a list in which nothing is set. It is not signed yet.

    Examples:
      clrctl status-list new list.json --url https://s.example --issuer did:web:s
    """
    from clrctl.standard import schemas
    from clrctl.util import atomic
    from clrctl.verifying import lists

    console = consoles.configure(color=color, quiet=quiet)
    for name, value in (("--url", url), ("--issuer", issuer)):
        if not schemas.format_validator("uri").is_valid(value):
            raise UsageError(
                f"{name} is not an absolute URI", why=value, fix="such as https://school.example/x"
            )
    made = lists.new(
        url,
        issuer,
        valid_from=_time(valid_from),
        purposes=list(dict.fromkeys(each.value for each in purpose)),
        entries=entries,
    )
    atomic.create(file, lists.text(made))
    console.say(f"{safe(file, limit=None)}: a list of {entries:,} entries; sign it next")


@options.enter(status_list, "add")
def add(
    file: ListFile,
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids of credentials; - reads lines.")
    ],
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Give credentials their entries, and print the `credentialStatus` to put into each.

    One JSON object for each. A credential that has its entry already keeps it, so that the same
    command always answers the same. The list itself does not change.

    Examples:
      clrctl status-list add list.json https://s.example/awards/17
      jq -r .id out/*.clr.json | clrctl status-list add list.json -
    """
    from clrctl.verifying import lists

    console = consoles.configure(color=color, quiet=quiet)
    wanted = _ids(ids)
    with lists.opened(file) as found:
        _refuse_files([name for name in wanted if name not in found.given], f"add {file}")
        changed = found.with_entries(wanted)
        if changed.given != found.given:
            changed.write_ledger()
    for name in wanted:
        entries = changed.entry(changed.given[name])
        told = entries[0] if len(entries) == 1 else entries
        console.answer_json({"id": name, "credentialStatus": told})
    added = len(changed.given) - len(found.given)
    console.say(f"{count(added, 'credential')} added, {len(changed.given):,} in the list")


@options.enter(status_list, "set")
def set_(
    file: ListFile,
    names: Annotated[
        list[str],
        typer.Argument(metavar="ID|INDEX...", help="Credentials, or indices; - reads lines."),
    ],
    clear: Annotated[
        bool, typer.Option("--clear", help="Take it back: no longer revoked or suspended.")
    ] = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Set the entries of credentials: revoke or suspend them, by the purpose of the list.

    The proof of the list, which no longer holds, is taken out: sign it again, and publish it.

    Examples:
      clrctl status-list set list.json https://s.example/awards/17
      clrctl status-list set list.json 71402 --clear
    """
    from clrctl.verifying import lists

    console = consoles.configure(color=color, quiet=quiet)
    with lists.opened(file) as found:
        wanted = _ids(names)
        unknown = (name for name in wanted if name not in found.given)
        _refuse_files([name for name in unknown if not name.isdecimal()], f"set {file}")
        indices = [found.index_of(name) for name in wanted]
        changed = found.with_bits(indices, 0 if clear else 1)
        if changed is not found:
            changed.write_list()
    if changed is found:
        console.say("nothing changed")
        return
    number = len(changed.set_indices)
    console.say(
        f"{safe(file, limit=None)}: {number:,} set now; sign it again: "
        f"clrctl status-list sign {safe(file, limit=None)} --key KEY"
    )


@options.enter(status_list, "sign")
def sign(
    file: ListFile,
    key: Annotated[
        str, typer.Option("--key", "-k", metavar="KEY", help="Key file of the list's issuer.")
    ],
    signer_cmd: options.SignerCmd = None,
    verification_method: options.VerificationMethod = None,
    created: Annotated[
        str | None,
        typer.Option(
            "--created", metavar="TIME", help="Date and time of the proof.", show_default="now"
        ),
    ] = None,
    passphrase_file: options.PassphraseFile = None,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Sign a list with its issuer's key, in the place of an older proof.

    Examples:
      clrctl status-list sign list.json --key issuer.jwk
    """
    from clrctl import signing
    from clrctl.cli import signing_keys
    from clrctl.document import parse
    from clrctl.util import atomic
    from clrctl.verifying import lists

    console = consoles.configure(color=color, quiet=quiet)
    keys = signing_keys.load(
        console,
        [key],
        stdin=sys.stdin.buffer,
        passphrase_file=passphrase_file,
        command=signer_cmd,
        method=verification_method,
    )
    with lists.opened(file) as found:
        bare = {name: value for name, value in found.data.items() if name != "proof"}
        document = parse(lists.text(bare), source=str(file), syntax="json")
        sign_options = signing.SignOptions(keys, created=_time(created))
        signed = signing.sign(document, sign_options)
        atomic.replace(file, signed.text)
    for proof in signed.proofs:
        console.say(f"{safe(file, limit=None)}: signed, {proof.suite} by {safe(proof.method)}")


@options.enter(status_list, "show")
def show(
    file: ListFile,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Show what a list holds: its purpose, which entries are set, and whether it is signed.

    Examples:
      clrctl status-list show list.json
      clrctl status-list show list.json --json
    """
    from clrctl.verifying import lists

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, json=as_json)
    found = lists.read(file)
    if as_json:
        console.answer_json(_as_json(found))
        return
    console.table(("what", "value"), _rows(found))


def _as_json(found: StatusList) -> dict[str, Json]:
    by_index = {index: name for name, index in found.given.items()}
    return {
        "format": FORMAT,
        "ok": True,
        "list": found.url,
        "issuer": found.issuer,
        "purposes": found.purposes,
        "entries": found.entries,
        "given": len(found.given),
        "set": [{"index": index, "id": by_index.get(index)} for index in found.set_indices],
        "signed": "proof" in found.data,
    }


_MOST_SHOWN = 20


def _rows(found: StatusList) -> list[tuple[str, str]]:
    by_index = {index: name for name, index in found.given.items()}
    indices = found.set_indices
    rows = [
        ("list", found.url),
        ("issuer", found.issuer),
        ("purpose", ", ".join(found.purposes)),
        ("entries", f"{found.entries:,}, {len(found.given):,} given out, {len(indices):,} set"),
        ("signed", "yes" if "proof" in found.data else "no: clrctl status-list sign"),
    ]
    rows += [("set", f"{index}  {by_index.get(index, '')}") for index in indices[:_MOST_SHOWN]]
    if len(indices) > _MOST_SHOWN:
        rows.append(("", f"and {len(indices) - _MOST_SHOWN:,} more (all: --json)"))
    return rows


def _ids(given: list[str]) -> list[str]:
    """Return the names on the command line, and those on standard input for `-`."""
    names: list[str] = []
    for name in given:
        if name == "-":
            lines = sys.stdin.buffer.read().decode("utf-8-sig", "replace").splitlines()
            names += [line.strip() for line in lines if line.strip()]
        else:
            names.append(name)
    return list(dict.fromkeys(names))


def _refuse_files(names: list[str], command: str) -> None:
    """Refuse what is no id of a credential, such as the name of its file.

    Args:
        names: what was given.
        command: what was to be done with them, such as `add list.json`.

    Raises:
        UsageError: one is no URI.
    """
    from clrctl.standard import schemas

    for name in names:
        if schemas.format_validator("uri").is_valid(name):
            continue
        named = _id_in(Path(name))
        raise UsageError(
            "this is the name of a file, not the id of a credential"
            if named is not None
            else "this is not the id of a credential: an id is a URI",
            where=name,
            fix=f"its id is {named}: clrctl status-list {command} {named}"
            if named
            else "give the id as the credential has it, such as urn:uuid:…",
        )


def _id_in(file: Path) -> str | None:
    """Return the id of the credential in a file, empty where it has none; None: no such file."""
    from clrctl.document import id_of, parse

    try:
        return id_of(parse(file.read_bytes()).data) or ""
    except (OSError, ValueError):
        return None


def _time(text: str | None) -> str:
    found = datetime.now(UTC) if text is None else options.moment(text)
    return found.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
