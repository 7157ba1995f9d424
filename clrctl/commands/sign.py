"""`clrctl sign`: sign credentials, those inside a record first."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl import console as consoles
from clrctl.commands import options
from clrctl.console import Color, Console, safe
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError, worst

if TYPE_CHECKING:
    from clrctl.document import Document
    from clrctl.finding import FileReport, Json
    from clrctl.signing import IssuerKey, Manner, Signed

FORMAT = "clrctl.sign/1"
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
    signer_cmd: Annotated[
        str | None,
        typer.Option(
            "--signer-cmd",
            metavar="COMMAND",
            help="Program that signs its standard input; --key is then the public key.",
            show_default=False,
        ),
    ] = None,
    verification_method: Annotated[
        str | None,
        typer.Option(
            "--verification-method",
            metavar="URL",
            help="Address of the key, as the issuer publishes it.",
            show_default=False,
        ),
    ] = None,
    suite: Annotated[
        SuiteName | None,
        typer.Option(
            "--suite", help="Kind of proof.", show_default="eddsa-rdfc-2022 or ecdsa-rdfc-2019"
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
    mandatory: Annotated[
        list[str],
        typer.Option(
            "--mandatory",
            metavar="POINTER",
            help="With ecdsa-sd-2023: JSON Pointer to what is always shown; may be given again.",
            show_default="/issuer",
        ),
    ] = [],  # noqa: B006
    context: Annotated[
        list[str],
        typer.Option(
            "--context",
            metavar="URL=FILE",
            help="A JSON-LD context that is not built in; may be given again.",
            show_default=False,
        ),
    ] = [],  # noqa: B006
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

    --signer-cmd is started for each signature, without a shell. It gets the bytes to sign on
    standard input and writes the signature to standard output: raw, hexadecimal or base64, of
    ECDSA also in DER. It hashes for itself (P-256 SHA-256, P-384 SHA-384, Ed25519 nothing).

    Examples:
      clrctl sign samples/transcript.clr.json --key issuer.jwk -o signed.clr.json
      clrctl sign samples/transcript.clr.json --key issuer.jwk --children-only -o send.clr.json
      clrctl sign records/ --key issuer.jwk -o signed/
      clrctl sign record.json --key kms.pub.pem --signer-cmd 'sign-with-kms --key issuer'
    """
    from clrctl import context_files, signers

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=json)
    if json and output == _STDIO:
        raise UsageError("--json and the signed file would both go to standard output", fix=_NAME)
    if mandatory and suite is not SuiteName.ECDSA_SD_2023:
        raise UsageError("--mandatory is for selective disclosure", fix="add --suite ecdsa-sd-2023")
    if children_only and suite is SuiteName.ECDSA_SD_2023:
        raise UsageError(
            "ecdsa-sd-2023 is for the record itself, and --children-only leaves that unsigned",
            fix="leave one of them out",
        )
    manner = _manner(
        signers.load(
            console,
            key,
            stdin=sys.stdin.buffer,
            passphrase_file=passphrase_file,
            command=signer_cmd,
            method=verification_method,
        ),
        created=_moment(created),
        suite=suite.value if suite else "",
        children_only=children_only,
        allow_unsigned=allow_unsigned,
        mandatory=tuple(mandatory),
        contexts=context_files.load(context) if context else None,
    )
    run = _Run(console, manner, output, force)
    run.all(_read(files, input_format, max_size))
    run.end(as_json=json)
    raise typer.Exit(worst(run.codes))


_NAME = "name a file or folder for it: -o signed.clr.json"


def _manner(keys: list[IssuerKey], **others: object) -> Manner:
    from clrctl.signing import Manner

    return Manner(keys, **others)  # type: ignore[arg-type]


def _moment(text: str | None) -> str:
    from clrctl import catalog

    if text is None:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not catalog.format_validator("date-time").is_valid(text):
        raise UsageError(
            "--created is no date and time with a zone",
            why=text,
            fix="write it like 2025-06-30T12:00:00Z",
        )
    return text


def _read(
    names: list[str], form: options.InputFormat | None, max_size: int
) -> Iterable[Document | InputError]:
    from clrctl.document import read

    return read(
        names,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=form.value if form else None,
    )


@dataclass(slots=True)
class _Run:
    """One run over all inputs, and what it adds up to."""

    console: Console
    manner: Manner
    output: str
    force: bool
    codes: list[ExitCode] = field(default_factory=list)
    _answers: list[dict[str, Json]] = field(default_factory=list)
    _errors: list[ClrctlError] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _proofs: int = 0
    _files: int = 0

    def all(self, inputs: Iterable[Document | InputError]) -> None:
        """Sign file by file; one that cannot be signed as a whole is not written."""
        found = [(name, list(items)) for name, items in groupby(inputs, key=_source)]
        into_folder = len(found) > 1 or self.output.endswith("/") or Path(self.output).is_dir()
        if len(found) > 1 and self.output == _STDIO:
            raise UsageError(
                f"there are {len(found)} files, and standard output has room for one",
                fix="name a folder for them: -o signed/",
            )
        for name, items in found:
            try:
                self._file(name, items, into_folder=into_folder)
            except ClrctlError as error:
                self._fail(error)

    def _fail(self, error: ClrctlError) -> None:
        self.codes.append(error.exit_code)
        self._errors.append(error)
        Console(color=self.console.color, err=self.console.err).error(error)

    def _file(self, name: str, items: list[Document | InputError], *, into_folder: bool) -> None:
        from clrctl import signing

        documents: list[Document] = []
        for item in items:
            if isinstance(item, InputError):
                raise item
            documents.append(item)
        if not all(map(self._is_good, documents)):
            self.codes.append(ExitCode.INVALID)
            return
        signed = [signing.sign(document, self.manner) for document in documents]
        target = self._place(name, documents[0].syntax) if into_folder else self.output
        self._write(_joined(documents, signed), target, into_folder=into_folder)
        self._files += 1
        for document, one in zip(documents, signed, strict=True):
            self._tell(document, one, target)

    def _is_good(self, document: Document) -> bool:
        """Tell whether a document may be signed; if not, what is wrong is told."""
        from clrctl import validation
        from clrctl.report import Text

        found: FileReport = validation.check(document)
        if found.errors:
            Text(Console(color=self.console.color, out=self.console.err)).file(found)
            self.console.say(f"{safe(found.place)}: not signed: it has errors")
        return not found.errors

    def _place(self, name: str, syntax: str) -> str:
        path = Path("stdin.json" if name == _STDIO else name)
        chosen = path.with_suffix(".json").name if syntax == "yaml" else path.name
        if chosen.casefold() in self._names:
            raise UsageError(
                "two files of the same name would go into one folder",
                where=name,
                fix="sign them in two runs, into two folders",
            )
        self._names.add(chosen.casefold())
        return str(Path(self.output, chosen))

    def _write(self, contents: bytes, target: str, *, into_folder: bool) -> None:
        from clrctl import files

        if target == _STDIO:
            plain = Console(color=Color.NEVER, out=self.console.out)
            plain.answer(contents.decode().removesuffix("\n"))
            return
        path = Path(target)
        if into_folder:
            with files.told(path.parent, files.Words("cannot make the folder")):
                path.parent.mkdir(parents=True, exist_ok=True)
        if self.force or (path.is_file() and path.read_bytes() == contents):
            files.replace(path, contents)
        else:
            files.create(path, contents)

    def _tell(self, document: Document, signed: Signed, target: str) -> None:
        from clrctl.words import count

        place = safe(document.source)
        if document.first_line > 1:
            place += f":{document.first_line}"
        made, kept = len(signed.proofs), len(signed.kept)
        parts = [f"{count(made, 'credential')} signed"]
        if kept:
            parts.append(f"{kept:,} signed already")
        self.console.say((place, "bold"), f": {', '.join(parts)}")
        for proof in signed.proofs:
            self.console.detail(
                f"  {safe(proof.pointer) or '/'} {proof.suite} {safe(proof.method)}"
            )
        for pointer, why in signed.unsigned:
            if pointer:
                self.console.warn(f"{place}: {safe(pointer)} is left unsigned: {safe(why)}")
        for note in signed.notes:
            self.console.warn(f"{place}: {note}")
        self._proofs += made
        self._answers.append(
            {
                "source": document.source,
                "line": document.first_line,
                "output": target,
                "proofs": [
                    {"pointer": p.pointer, "verification_method": p.method, "cryptosuite": p.suite}
                    for p in signed.proofs
                ],
                "kept": list(signed.kept),
                "notes": list(signed.notes),
                "unsigned": [{"pointer": at, "why": why} for at, why in signed.unsigned],
            }
        )

    def _tell_to_publish(self) -> None:
        """Tell once what verifiers look for: keys without an address of their own are new."""
        from clrctl.keys import dids

        methods = {proof["verification_method"] for one in self._answers for proof in one["proofs"]}
        issuers = {method.partition("#")[0] for method in methods if not dids.holds_its_key(method)}
        if issuers and not all(key.method for key in self.manner.keys):
            place = safe(min(issuers), limit=None)
            self.console.say(
                f"verifiers look for the key at {place}: clrctl key document writes what to publish"
            )

    def end(self, *, as_json: bool) -> None:
        """Tell what the run adds up to."""
        from clrctl.words import count

        ok = not self.codes
        self._tell_to_publish()
        if as_json:
            errors = [consoles.error_json(error) for error in self._errors]
            answer = {"format": FORMAT, "ok": ok, "files": self._answers, "errors": errors}
            self.console.answer_json(answer)
        parts = [f"{count(self._files, 'file')} signed, {count(self._proofs, 'proof')}"]
        if failed := len(self.codes):
            parts.append(f"{count(failed, 'file')} not signed")
        self.console.say((", ".join(parts), "bold green" if ok else "bold red"))


def _joined(documents: list[Document], signed: list[Signed]) -> bytes:
    """Return the contents of a file: one document, or one on each line as it was."""
    if len(documents) == 1 and documents[0].first_line == 1:
        return signed[0].text
    return b"".join(one.text + b"\n" for one in signed)


def _source(item: Document | InputError) -> str:
    return item.where if isinstance(item, InputError) else item.source
