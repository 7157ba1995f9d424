"""`clrctl derive`: show parts of a credential that was signed for selective disclosure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.finding import Json
    from clrctl.proof import EcdsaSd2023

_STDIO = "-"
_SUITE = "ecdsa-sd-2023"


class NotDerived(ClrctlError):
    """Nothing can be derived from this credential."""

    exit_code = ExitCode.INVALID


def derive(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The credential; - reads standard input.")
    ],
    shown: Annotated[
        list[str],
        typer.Option(
            "--show",
            metavar="POINTER",
            help="JSON Pointer to a part to show; may be given again.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer takes a copy
    output: options.Output = _STDIO,
    force: options.Force = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Show parts of a credential, with a proof that they are its issuer's words.

    The credential has to be signed with ecdsa-sd-2023 (`clrctl sign --suite`), and no key is
    needed: that is the holder's right. What the issuer wants shown is shown in any case. Objects
    on the way to a part keep their id and type. The credential itself, with its base proof, is for
    the holder alone.

    Examples:
      clrctl derive diploma.json --show /credentialSubject/achievement/name
    """
    from clrctl.proof import (
        BrokenProof,
        Contexts,
        DataLoss,
        EcdsaSd2023,
        TooComplex,
        UnknownContext,
        UnsupportedProof,
        json_text,
    )

    console = consoles.configure(color=color, quiet=quiet)
    credential = _one(file, input_format, max_size)
    suite = EcdsaSd2023()
    proof = _base_proof(credential, suite, file)
    try:
        answer = suite.derive(credential, proof, shown, Contexts.built_in())
    except UnsupportedProof as problem:
        raise UsageError(problem.what, where=file, fix=problem.fix) from None
    except (BrokenProof, DataLoss, TooComplex, UnknownContext) as problem:
        raise NotDerived(
            "nothing can be derived from this credential",
            where=file,
            why=str(problem),
            fix="get it from its issuer again, as it was signed",
        ) from None
    options.put(console, json_text(answer), output, force=force)
    console.say(f"{safe(file)}: {len(shown):,} chosen, and what its issuer wants shown")


def _one(name: str, form: options.InputFormat | None, max_size: int) -> dict[str, Json]:
    from clrctl.document import read

    found = list(
        read(
            [name],
            stdin=sys.stdin.buffer,
            limits=options.limits(max_size),
            input_format=form.value if form else None,
        )
    )
    if len(found) != 1:
        raise UsageError("parts are shown of one credential", where=name, fix="name one file")
    (document,) = found
    if isinstance(document, InputError):
        raise document
    data = document.readable().data
    if not isinstance(data, dict):
        raise InputError("a credential is an object", where=name)
    return data


def _base_proof(credential: dict[str, Json], suite: EcdsaSd2023, name: str) -> dict[str, Json]:
    """Return the proof that others can be derived from."""
    from clrctl.proof import proofs_of

    for proof in proofs_of(credential):
        if proof.get("cryptosuite") == _SUITE and suite.is_base(proof):
            return proof
    has_derived = any(one.get("cryptosuite") == _SUITE for one in proofs_of(credential))
    raise NotDerived(
        "this credential shows parts already"
        if has_derived
        else "this credential was not signed for selective disclosure",
        where=name,
        fix="derive from the whole credential, as its issuer signed it"
        if has_derived
        else f"its issuer has to sign it with --suite {_SUITE}",
    )
