"""Signing one document: the credentials inside it first, then the document itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from clrctl.document import Document, Syntax, issuer_of, parse
from clrctl.errors import ClrctlError, ExitCode, UsageError
from clrctl.finding import Finding, Json, Report, Severity, pointer
from clrctl.proof import (
    SUITES,
    Contexts,
    DataLoss,
    ProofOptions,
    PublicKey,
    Suite,
    TooComplex,
    UnknownContext,
    UnsupportedProof,
    jwt,
)
from clrctl.signing import insertion
from clrctl.signing.binding import HandedKey, IssuerKey, NoKey, choose, note_on
from clrctl.standard import CREDENTIALS, Node, classes, instant, schemas

_ENDORSEMENT = "EndorsementCredential"
# The file behind the context's address was changed in place; see `Contexts.reading`.
_NEW_MEMBER = "endorsementJwt"
_TWO_EDITIONS = (
    f"{_NEW_MEMBER} is signed as the newer edition of the Open Badges 3.0.3 context defines it: "
    "verifiers with the older one will not accept the proof"
)
# Its base proof is for the holder alone, who may show a credential inside of the document whole.
_FOR_WHOLE_DOCUMENTS = "ecdsa-sd-2023"


class NotSigned(ClrctlError):
    """A document cannot be signed as it is; nothing of it was.

    Attributes:
        pointer: JSON Pointer to the place that is meant.
        report: all that was found in the document, where it has errors; else None.
    """

    exit_code = ExitCode.INVALID

    def __init__(
        self, what: str, pointer: str, *, where: str, fix: str, report: Report | None = None
    ) -> None:
        super().__init__(what, where=where, why="nothing was signed", fix=fix)
        self.pointer = pointer
        self.report = report


@dataclass(frozen=True, slots=True)
class SignOptions:
    """How documents are signed.

    Attributes:
        keys: the keys; each credential is signed with one that belongs to its issuer.
        created: when, as RFC 3339 text; None leaves it out.
        dated_by_content: date each proof with the `validFrom` of what it signs, where it has one.
        suite: name of the cryptosuite; empty for the first that works with the key. With
            `ecdsa-sd-2023` only the document itself is signed; what is inside as if it were empty.
        children_only: leave the document itself unsigned, for a platform that signs it.
        allow_unsigned: leave children of issuers whose key is not there unsigned.
        mandatory: of suites with selective disclosure what is always shown, as JSON Pointers.
        contexts: the JSON-LD contexts that are known; those built in by default.
        token: make a signed token (VC-JWT) of the document, in the place of a proof in it.
    """

    keys: Sequence[IssuerKey]
    created: str | None = None
    dated_by_content: bool = False
    suite: str = ""
    children_only: bool = False
    allow_unsigned: bool = False
    mandatory: tuple[str, ...] = ()
    contexts: Contexts | None = None
    token: bool = False

    def handed_over(self) -> HandedSignOptions:
        """Return what may go to another process; `taken()` are these options there."""
        keys = tuple(key.handed_over() for key in self.keys)
        return HandedSignOptions(dataclasses.replace(self, keys=()), keys)


@dataclass(frozen=True, slots=True)
class HandedSignOptions:
    """`SignOptions` on their way to another process."""

    options: SignOptions
    keys: tuple[HandedKey, ...] = field(repr=False)

    def taken(self) -> SignOptions:
        """Return the options, with their keys."""
        return dataclasses.replace(self.options, keys=tuple(key.taken() for key in self.keys))


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was made.

    Attributes:
        pointer: JSON Pointer to the credential.
        method: the verification method.
        suite: the cryptosuite.
    """

    pointer: str
    method: str
    suite: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A document after signing.

    Attributes:
        text: the document, UTF-8; but for the proofs its bytes are those before. Or the token.
        proofs: those that were made, in the order in which they were.
        kept: pointers to the credentials that had a proof already.
        unsigned: pointers to the credentials that still have none, each with why.
        notes: what the issuer should know of the proofs.
        source: the name the document was given by.
        first_line: line of the source on which it begins.
        syntax: what it was read as.
    """

    text: bytes = field(repr=False)
    proofs: tuple[Proof, ...]
    kept: tuple[str, ...] = ()
    unsigned: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""
    first_line: int = 1
    syntax: Syntax = "json"


def sign(document: Document, options: SignOptions) -> Signed:
    """Sign a document: every credential inside it that has no proof, then the document itself.

    Args:
        document: a credential without faults; of YAML the same as JSON is signed.
        options: with what, and how.

    Raises:
        NotSigned: it cannot be signed as it is; with the place and what to do.
        ClrctlError: a signer failed.
    """
    return _Signing(document, options).run()


class _Signing:
    """The work on one document."""

    def __init__(self, document: Document, options: SignOptions) -> None:
        self._document = document
        self._options = options
        self._contexts = options.contexts or Contexts.built_in()
        # Data of its own, to which proofs are added.
        self._data = parse(document.payload, syntax="json").data
        self._author = issuer_of(self._data)
        self._proofs: list[Proof] = []
        self._added: list[tuple[classes.Path, str, Json]] = []
        self._kept: list[str] = []
        self._unsigned: list[tuple[str, str]] = []
        self._notes: dict[str, None] = {}

    def run(self) -> Signed:
        cls = schemas.select(self._data)[0].types[0]
        grown = classes.grow(self._data, cls)
        nodes = list(grown.of(*CREDENTIALS))
        # Children first: what holds them covers their proofs.
        for node in sorted(nodes, key=lambda node: -len(node.path)):
            self._visit(node)
        is_new = any(_NEW_MEMBER in node.value for node in grown.everything())
        text = self._text()
        if self._options.token:
            text = self._token(nodes[0], text)
        if is_new and self._proofs:
            self._notes[_TWO_EDITIONS] = None
        return Signed(
            text,
            tuple(self._proofs),
            tuple(self._kept),
            tuple(self._unsigned),
            tuple(self._notes),
            self._document.source,
            self._document.first_line,
            self._document.syntax,
        )

    def _visit(self, node: Node) -> None:
        place = pointer(node.path)
        if node.parent is None and self._options.token:
            return  # it gets no proof, but becomes a token
        if node.value.get("proof"):
            self._kept.append(place)
            return
        why = self._reason_to_leave(node)
        if why:
            self._unsigned.append((place, why))
            return
        if "proof" in node.value:
            raise self._refused(f"{place}/proof", "this proof is empty", "remove the member proof")
        if "@context" not in node.value:
            raise self._refused(
                place,
                "this credential has no @context of its own, so it cannot be verified separately",
                "give it the @context that a badge alone would have",
            )
        try:
            key, method = choose(issuer_of(node.value), self._author, self._options.keys)
        except NoKey as problem:
            if node.parent is not None and (
                self._options.allow_unsigned or node.cls == _ENDORSEMENT
            ):
                self._unsigned.append((place, problem.what))
                return
            raise self._refused(f"{place}/issuer", problem.what, problem.fix) from None
        self._sign(node, key, method)

    def _reason_to_leave(self, node: Node) -> str:
        if node.parent is None:
            return "only what is inside was to be signed" if self._options.children_only else ""
        if any(outer.value.get("proof") for outer in _around(node)):
            return "it lies in a credential that is signed already, whose proof it would break"
        return ""

    def _sign(self, node: Node, key: IssuerKey, method: str) -> None:
        place = pointer(node.path)
        wanted, mandatory = self._options.suite, self._options.mandatory
        if node.parent is not None and wanted == _FOR_WHOLE_DOCUMENTS:
            wanted, mandatory = "", ()
        proof_options = ProofOptions(method, self._created(node), mandatory=mandatory)
        try:
            suite = suite_for(key.signer.public, wanted)
            proof = suite.create(node.value, proof_options, _Checked(key), self._contexts)
        except DataLoss as problem:
            below = f"{place}{problem.pointer}"
            raise self._refused(below, problem.what, problem.fix, at_key=problem.at_key) from None
        except UnknownContext as problem:
            raise self._refused(
                f"{place}/@context",
                f"the context {problem.url} is not known here, and nothing is fetched",
                f"add it from a file: --context {problem.url}=FILE",
            ) from None
        except (UnsupportedProof, TooComplex) as problem:
            fix = problem.fix if isinstance(problem, UnsupportedProof) else ""
            raise self._refused(place, str(problem), fix) from None
        node.value["proof"] = [proof]
        self._added.append((node.path, "proof", [proof]))
        self._proofs.append(Proof(place, method, suite.name))
        self._note(method, issuer_of(node.value))

    def _created(self, node: Node) -> str | None:
        own = node.value.get("validFrom") if self._options.dated_by_content else None
        return own if isinstance(own, str) else self._options.created

    def _token(self, root: Node, text: bytes) -> bytes:
        """Return the document as a signed token."""
        if root.value.get("proof"):
            raise self._refused(
                "/proof",
                "this credential carries a proof already",
                "leave it as it is, or make the token of the credential without it",
            )
        try:
            key, method = choose(self._author, self._author, self._options.keys)
        except NoKey as problem:
            raise self._refused("/issuer", problem.what, problem.fix) from None
        payload = insertion.insert(
            text.decode(),
            [((), name, value) for name, value in claims(root.value) if name not in root.value],
        )
        checked = _Checked(key)
        token = jwt.sign(payload.strip().encode(), checked, header={"typ": "JWT", "kid": method})
        self._proofs.append(Proof("", method, f"JWT {jwt.algorithm_of(checked)}"))
        self._note(method, self._author)
        return token.encode()

    def _note(self, method: str, issuer: str) -> None:
        if note := note_on(method, issuer):
            self._notes[note] = None

    def _text(self) -> bytes:
        """Return the document's text with the proofs, after reading it again."""
        if not self._added:
            return self._document.payload
        text = insertion.insert(self._document.payload.decode(), self._added)
        again = parse(text.encode(), syntax="json")
        if again.faults or again.data != self._data:
            raise ClrctlError("a signed document does not read as it was signed")
        return text.encode()

    def _refused(self, place: str, what: str, fix: str, *, at_key: bool = False) -> NotSigned:
        finding = Finding("sign", Severity.ERROR, place, what, fix, at_key=at_key)
        (placed,) = self._document.locate([finding])
        where = f"{self._document.source}:{placed.line}:{placed.column} {place or '/'}"
        return NotSigned(what, place, where=where, fix=fix)


def _around(node: Node) -> Iterator[Node]:
    """Yield the objects that hold this one, from the inside out."""
    outer = node.parent
    while outer is not None:
        yield outer
        outer = outer.parent


def claims(credential: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield what a token says of a credential in the words of RFC 7519 (Open Badges 3.0, VC-JWT).

    Moments are whole seconds since 1970 in UTC.
    """
    subject = credential.get("credentialSubject")
    for claim, value in (
        ("iss", issuer_of(credential)),
        ("jti", credential.get("id")),
        ("sub", subject.get("id") if isinstance(subject, dict) else None),
    ):
        if isinstance(value, str) and value:
            yield claim, value
    for claim, member in (("nbf", "validFrom"), ("exp", "validUntil")):
        moment = instant(str(credential.get(member, "")))
        if moment is not None:
            yield claim, int(moment.timestamp())


def suite_for(public: PublicKey, name: str = "") -> Suite:
    """Return the suite to sign with: the one of a name, or the first that works with the key.

    Raises:
        UnsupportedProof: there is none such.
    """
    if name:
        return SUITES[name]
    for suite in SUITES.values():
        if suite.can_sign and public.kind in suite.key_kinds:
            return suite
    raise UnsupportedProof(
        f"credentials are not signed with {public.kind} keys here",
        "use a key of Ed25519, P-256 or P-384",
    )


def known_suite(name: str) -> str:
    """Return the name of a suite that signs; empty stays empty.

    Raises:
        UsageError: there is none such.
    """
    known = [suite.name for suite in SUITES.values() if suite.can_sign]
    if name and name not in known:
        raise UsageError(f"{name} is no cryptosuite that signs", fix=f"known: {', '.join(known)}")
    return name


class _Checked:
    """A signer whose every signature is verified before it is used.

    Together with reading the signed text again that is as good as verifying the document: it is
    the same content, whose canonical form was signed.
    """

    def __init__(self, key: IssuerKey) -> None:
        self._key = key
        self.public = key.signer.public

    def sign(self, data: bytes) -> bytes:
        signature = self._key.signer.sign(data)
        if not self.public.verify(signature, data):
            raise ClrctlError(
                "the key made a signature that does not hold",
                where=self._key.source,
                fix="try again; if it stays so, the key or this machine is damaged",
            )
        return signature
