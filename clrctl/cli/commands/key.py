"""`clrctl key`: make, convert, show and publish the keys that credentials are signed with."""

from __future__ import annotations

import enum
import sys
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import InputError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.proof import KeyFile, PublicKey, SecretKey

key = options.group(
    """Make, convert, show and publish the keys that credentials are signed with.

A key file is a JWK, encrypted with a passphrase (RFC 7517); Multikey, PEM and plain JWK are read
too. The passphrase comes from --passphrase-file, CLRCTL_KEY_PASSPHRASE,
CLRCTL_KEY_PASSPHRASE_FILE, or the terminal.

Examples:
  clrctl key new issuer.jwk --controller did:web:school.example
  clrctl key show issuer.jwk
  clrctl key document did:web:school.example issuer.jwk > did.json"""
)


class KeyType(enum.StrEnum):
    """Kinds of keys that are made."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"


class FileForm(enum.StrEnum):
    """Forms of key files that are written."""

    JWK = "jwk"
    MULTIKEY = "multikey"
    PEM = "pem"


class PublicForm(enum.StrEnum):
    """Forms in which a public key is shown."""

    TEXT = "text"
    JSON = "json"
    MULTIKEY = "multikey"
    JWK = "jwk"
    PEM = "pem"
    DID = "did"


KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="Key file; - reads standard input.")
]
NewFile = Annotated[str, typer.Argument(metavar="FILE", help="The new key file.")]
FileFormOption = Annotated[FileForm, typer.Option("--format", help="Form of the key file.")]
Controller = Annotated[
    str | None,
    typer.Option(
        "--controller",
        metavar="ISSUER",
        help="Whose key it is: the issuer's id, a did:web DID or https URL.",
        show_default=False,
    ),
]
NoPassphrase = Annotated[
    bool, typer.Option("--no-passphrase", help="Write the key unprotected, for its owner to read.")
]


@options.enter(key, "new")
def new(
    file: NewFile,
    kind: Annotated[
        KeyType, typer.Option("--type", help="Kind of key.", case_sensitive=False)
    ] = KeyType.ED25519,
    controller: Controller = None,
    form: FileFormOption = FileForm.JWK,
    passphrase_file: options.PassphraseFile = None,
    no_passphrase: NoPassphrase = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Make a key, and print its public side.

    Ed25519 is what certification of CLR 2.0 asks for. With --controller the file remembers whose
    key it is, and signs only for that issuer. No file is ever overwritten.

    Examples:
      clrctl key new issuer.jwk
      clrctl key new issuer.jwk --controller did:web:school.example
      clrctl key new test.jwk --no-passphrase
    """
    from clrctl.proof import SecretKey

    console = consoles.configure(color=color, quiet=quiet)
    secret = SecretKey.generate(kind.value)
    target = _KeyTarget(console, file, form, passphrase_file, no_passphrase)
    target.write(secret, _method(secret.public, controller))


@options.enter(key, "import")
def import_(
    source: KeyArgument,
    file: NewFile,
    controller: Controller = None,
    form: FileFormOption = FileForm.JWK,
    passphrase_file: options.PassphraseFile = None,
    no_passphrase: NoPassphrase = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Bring a secret key of another tool into a key file of ours, or the other way round.

    JWK, Multikey (as JSON, or its text alone) and PEM are read, the latter also encrypted. A
    passphrase given by file or variable opens the old file and protects the new one.

    Examples:
      clrctl key import openssl.pem issuer.jwk
      clrctl key import issuer.jwk issuer.pem --format pem --no-passphrase
    """
    console = consoles.configure(color=color, quiet=quiet)
    found = _read(console, source, passphrase_file)
    if found.secret is None:
        raise InputError(
            "this is a public key", where=source, fix="give the file of the secret key"
        )
    target = _KeyTarget(console, file, form, passphrase_file, no_passphrase)
    target.write(found.secret, _method(found.public, controller) if controller else found.method)


@options.enter(key, "show")
def show(
    source: KeyArgument,
    form: Annotated[
        PublicForm, typer.Option("--format", help="Form of the answer.")
    ] = PublicForm.TEXT,
    json: options.Json = False,
    passphrase_file: options.PassphraseFile = None,
    color: options.Color = Color.AUTO,
) -> None:
    """Show the public side of a key, in any form; never its secret.

    KEY may also be a public key itself, as did:key or did:jwk.

    Examples:
      clrctl key show issuer.jwk
      clrctl key show issuer.jwk --format pem > issuer.pub.pem
    """
    as_json = json or form is PublicForm.JSON
    console = consoles.configure(color=color, json=as_json)
    found = _read(console, source, passphrase_file)
    if as_json:
        console.answer_json({"format": "clrctl.key/1", "ok": True, **_facts(found)})
    elif form is PublicForm.TEXT:
        _tell(console, found)
    else:
        console.answer(_one_form(found.public, form, source))


@options.enter(key, "document")
def document(
    controller: Annotated[
        str, typer.Argument(metavar="ISSUER", help="The issuer's id: a did:web DID or https URL.")
    ],
    sources: Annotated[
        list[str], typer.Argument(metavar="KEY...", help="Key files, secret or public.")
    ],
    passphrase_file: options.PassphraseFile = None,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Print the document by which an issuer publishes keys (did.json), to be put on the web.

    Verifiers accept a signature only if the issuer's document lists the key. Keep former keys in
    it as long as credentials signed with them are to hold. Only public keys are printed.

    Examples:
      clrctl key document did:web:school.example issuer.jwk > did.json
    """
    from clrctl.proof import BadKey, dids

    console = consoles.configure(color=color, quiet=quiet)
    methods = []
    try:
        place = dids.place(controller)
        for source in sources:
            found = _read(console, source, passphrase_file)
            own = found.controller == controller
            method = found.method if own else dids.method_for(controller, found.public)
            methods.append((method, found.public))
        answer = dids.document(controller, methods)
    except BadKey as problem:
        raise UsageError(problem.what, where=controller, fix=problem.fix) from None
    console.answer(_indented(answer))
    console.say(f"publish this as {safe(place)}")


class _KeyTarget:
    """The key file to be written."""

    def __init__(
        self,
        console: Console,
        name: str,
        form: FileForm,
        passphrase_file: str | None,
        no_passphrase: bool,
    ) -> None:
        if no_passphrase and passphrase_file:
            raise UsageError("--no-passphrase and --passphrase-file contradict each other")
        if form is not FileForm.JWK and not no_passphrase:
            raise UsageError(
                f"a key file in the form {form} is not encrypted here",
                fix="add --no-passphrase, or take --format jwk",
            )
        self._console = console
        self._name = name
        self._form = form
        self._passphrase_file = passphrase_file
        self._protect = not no_passphrase

    def write(self, secret: SecretKey, method: str) -> None:
        """Write the file, and tell what is in it."""
        from clrctl.proof import BadKey, encryption, files

        try:
            if self._form is FileForm.PEM:
                contents = secret.pem.encode()
            elif self._form is FileForm.MULTIKEY:
                contents = files.json_text(files.as_multikey(secret, method))
            else:
                jwk = files.as_jwk(secret, method)
                contents = (
                    encryption.encrypt(jwk, self._passphrase()) + b"\n"
                    if self._protect
                    else files.json_text(jwk)
                )
        except BadKey as problem:
            raise InputError(problem.what, where=self._name, fix=problem.fix) from None
        files.write_new(self._name, contents)
        _tell(self._console, files.KeyFile(self._name, secret.public, secret, method))
        how = "encrypted" if self._protect else "not encrypted"
        self._console.say(f"{safe(self._name)} written, {how}, for its owner alone: keep a copy")

    def _passphrase(self) -> bytes:
        from clrctl.cli.signing_keys import for_new_key

        return for_new_key(self._console, file=self._passphrase_file, stdin=sys.stdin.buffer)


def _read(console: Console, name: str, passphrase_file: str | None) -> KeyFile:
    from clrctl.cli.signing_keys import opening
    from clrctl.proof import files

    options.stdin_once([name, passphrase_file])
    stdin: BinaryIO = sys.stdin.buffer
    get = opening(console, name, file=passphrase_file, stdin=stdin)
    return files.read(name, stdin=stdin, passphrase=get)


def _method(public: PublicKey, controller: str | None) -> str:
    from clrctl.proof import BadKey, dids

    if controller is None:
        return ""
    try:
        if dids.holds_its_key(controller):
            if dids.key_of(controller) != public:
                raise UsageError("this controller is another key", where=controller)
        else:
            dids.place(controller)
    except BadKey as problem:
        raise UsageError(problem.what, where=controller, fix=problem.fix) from None
    return dids.method_for(controller, public)


def _facts(found: KeyFile) -> dict[str, object]:
    public = found.public
    return {
        "type": public.kind,
        "verification_method": found.method or None,
        "did": public.did,
        "multikey": None if public.kind == "RSA" else public.multikey,
        "jwk": public.jwk,
        "thumbprint": public.thumbprint,
        "secret": found.secret is not None,
        "encrypted": found.encrypted,
    }


def _tell(console: Console, found: KeyFile) -> None:
    public = found.public
    lines = [("type", public.kind), ("did", public.did)]
    if public.kind != "RSA":
        lines.append(("multikey", public.multikey))
    lines.append(("thumbprint", public.thumbprint))
    if found.method:
        lines.append(("verification method", found.method))
    for name, text in lines:
        console.answer(f"{name}: {safe(text, limit=None)}")


def _one_form(public: PublicKey, form: PublicForm, source: str) -> str:
    from clrctl.proof import BadKey

    if form is PublicForm.JWK:
        return _indented(public.jwk)
    if form is PublicForm.PEM:
        return public.pem.rstrip()
    if form is PublicForm.DID:
        return public.did
    try:
        return public.multikey
    except BadKey as problem:
        raise UsageError(problem.what, where=source, fix=problem.fix) from None


def _indented(value: object) -> str:
    from clrctl.proof import files

    return files.json_text(value).decode().rstrip()
