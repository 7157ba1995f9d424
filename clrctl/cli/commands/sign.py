"""`clrctl sign`: sign credentials, those inside a record first."""

from __future__ import annotations

import enum
import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import UsageError, worst

if TYPE_CHECKING:
    from clrctl.document import InputFormat

_STDIO = "-"


class SuiteName(enum.StrEnum):
    """Cryptosuites that new proofs are made of."""

    EDDSA_RDFC_2022 = "eddsa-rdfc-2022"
    ECDSA_RDFC_2019 = "ecdsa-rdfc-2019"
    ECDSA_SD_2023 = "ecdsa-sd-2023"
    EDDSA_JCS_2022 = "eddsa-jcs-2022"
    ECDSA_JCS_2019 = "ecdsa-jcs-2019"


def sign(
    files: options.Files,
    key: Annotated[
        list[str],
        typer.Option(
            "--key",
            "-k",
            metavar="KEY",
            help="Key file of the issuer; may be given again for other issuers.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer takes a copy
    signer_cmd: options.SignerCmd = None,
    verification_method: options.VerificationMethod = None,
    suite: Annotated[
        SuiteName | None,
        typer.Option(
            "--suite",
            metavar="NAME",
            help="Kind of proof: eddsa-rdfc-2022, ecdsa-rdfc-2019, ecdsa-sd-2023, eddsa-jcs-2022 "
            "or ecdsa-jcs-2019.",
            show_default="the first that works with the key",
        ),
    ] = None,
    created: Annotated[
        str | None,
        typer.Option(
            "--created",
            metavar="TIME",
            help="Date and time of the proofs (RFC 3339).",
            show_default="now",
        ),
    ] = None,
    children_only: Annotated[
        bool,
        typer.Option(
            "--children-only", help="Sign what is inside; leave the record to its publisher."
        ),
    ] = False,
    allow_unsigned: Annotated[
        bool,
        typer.Option(
            "--allow-unsigned", help="Leave credentials of issuers without a key here unsigned."
        ),
    ] = False,
    jwt: Annotated[
        bool,
        typer.Option(
            "--jwt", help="Make a signed token (VC-JWT) of the record, not a proof in it."
        ),
    ] = False,
    mandatory: Annotated[
        list[str],
        typer.Option(
            "--mandatory",
            metavar="POINTER",
            help="With ecdsa-sd-2023: JSON Pointer to what is always shown; may be given again.",
            show_default="/issuer",
        ),
    ] = [],  # noqa: B006
    context: options.Context = [],  # noqa: B006
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            help="Where the signed file goes, or the folder for several; - is standard output.",
        ),
    ] = _STDIO,
    force: options.Force = False,
    passphrase_file: options.PassphraseFile = None,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    jobs: options.Jobs = 0,
    json: Annotated[
        bool, typer.Option("--json", help="Print what was signed, when the files go to files.")
    ] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Sign credentials: those inside a record first, then the record itself.

    Proofs are added and every other byte stays as it is. What carries a proof is left alone, so
    that badges of others keep theirs; each credential is signed only with a key that belongs to
    its issuer. A key without an address is the issuer's own, as `ISSUER#KEY`: publish it there
    (`clrctl key document`). Same key, same file and same --created give the same bytes.

    TimeBack signs the record itself: sign with --children-only for it. A file with errors is not
    signed; nothing is written of a file of which anything cannot be signed.

    With --jwt the record becomes a token (RFC 7519) whose payload is its text with the claims iss,
    sub, jti, nbf and exp; what is inside is signed as without.

    --signer-cmd is started for each signature, without a shell. It gets the bytes to sign on
    standard input and writes the signature to standard output: raw, hexadecimal or base64, of
    ECDSA also in DER. It hashes for itself (P-256 SHA-256, P-384 SHA-384, Ed25519 nothing).

    Examples:
      clrctl sign samples/transcript.clr.json --key issuer.jwk -o signed.clr.json
      clrctl sign samples/transcript.clr.json --key issuer.jwk --children-only
      clrctl sign records/ --key issuer.jwk -o signed/
      clrctl sign record.json --key kms.pub.pem --signer-cmd "kms-sign issuer"
    """
    from clrctl import api
    from clrctl.cli import signing_keys
    from clrctl.cli.output import SignRun
    from clrctl.document import find, parallel
    from clrctl.proof import context_files
    from clrctl.util import workers

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=json)
    if json and output == _STDIO:
        raise UsageError("--json and the signed file would both go to standard output", fix=_NAME)
    options.stdin_once([*files, *key, passphrase_file])
    _refuse_contradictions(suite, mandatory, children_only=children_only, jwt=jwt)
    keys = signing_keys.load(
        console,
        key,
        stdin=sys.stdin.buffer,
        passphrase_file=passphrase_file,
        command=signer_cmd,
        method=verification_method,
    )
    moment = _moment(created)
    contexts = context_files.load(context) if context else None
    several = _is_several(files)
    if several and output == _STDIO:
        raise UsageError(
            "there are several files, and standard output has room for one",
            fix="name a folder for them: -o signed/",
        )
    into_folder = several or output.endswith("/") or Path(output).is_dir()
    form: InputFormat | None = input_format.value if input_format else None
    run = SignRun(console, output, force, form, into_folder, jwt=jwt)
    inputs = find(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=form,
        block=parallel.TASK,
    )
    with workers(jobs) as executor, ExitStack() as stack:
        results = api.sign(
            inputs,
            keys,
            created=moment,
            suite=suite.value if suite else "",
            children_only=children_only,
            allow_unsigned=allow_unsigned,
            mandatory=mandatory,
            jwt=jwt,
            contexts=contexts,
            executor=executor,
        )
        stack.enter_context(closing(results))
        run.all(results)
    run.end(as_json=json, new_keys=not all(key.method for key in keys))
    raise typer.Exit(worst(run.codes))


_NAME = "name a file or folder for it: -o signed.clr.json"


def _refuse_contradictions(
    suite: SuiteName | None, mandatory: list[str], *, children_only: bool, jwt: bool
) -> None:
    if mandatory and suite is not SuiteName.ECDSA_SD_2023:
        raise UsageError("--mandatory is for selective disclosure", fix="add --suite ecdsa-sd-2023")
    if children_only and suite is SuiteName.ECDSA_SD_2023:
        raise UsageError(
            "ecdsa-sd-2023 is for the record itself, and --children-only leaves that unsigned",
            fix="leave one of them out",
        )
    if jwt and (children_only or suite is SuiteName.ECDSA_SD_2023):
        raise UsageError(
            "--jwt signs the record itself, as a token",
            fix="leave out --children-only and --suite ecdsa-sd-2023",
        )


def _moment(text: str | None) -> str:
    from clrctl.standard import is_stamp

    if text is None:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not is_stamp(text):
        raise UsageError(
            "--created is no date and time with a zone",
            why=text,
            fix="write it like 2025-06-30T12:00:00Z",
        )
    return text


def _is_several(names: list[str]) -> bool:
    """Return whether there may be more files than one."""
    from clrctl.document import expand

    paths = (path for name in names for path in ([name] if name == _STDIO else expand(name)))
    return next(islice(paths, 1, None), None) is not None
