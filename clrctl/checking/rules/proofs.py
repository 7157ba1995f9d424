"""Rules on proofs that can be decided without keys.

Sources: CLR 2.0, ClrSubject; VC Data Integrity 1.0, section 2.1; practice of the 1EdTech validator.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Json, Severity
from clrctl.standard import CREDENTIALS, Node, Tree

# The example is an achievement credential, as nearly all nested ones are.
_ON = tuple(sorted(CREDENTIALS))
_SUITES = (
    "eddsa-rdfc-2022",
    "ecdsa-rdfc-2019",
    "ecdsa-sd-2023",
    "eddsa-jcs-2022",
    "ecdsa-jcs-2019",
    "eddsa-2022",
)
_GOOD = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2025-06-30T12:00:00Z",
    "proofPurpose": "assertionMethod",
    "verificationMethod": "https://school.example.edu#key",
    "proofValue": "z1",
}


def _with(**changed: Json) -> Json:
    return {"proof": [{**_GOOD, **changed}]}


@rule(
    "proof/missing",
    on=_ON,
    severity=Severity.WARNING,
    source="CLR 2.0, ClrSubject.verifiableCredential; practice of the 1EdTech validator",
    good=_with(),
    bad={"proof": None},
)
def missing(node: Node, _: Tree) -> Iterator[Fault]:
    """Each nested credential carries its own proof.

    Whoever publishes a CLR signs the outside. That does not bind what is inside unsigned
    credentials, and the official validator refuses a CLR that holds any. The CLR itself needs
    none here: its publisher adds it.
    """
    if node.parent is not None and not node.value.get("proof"):
        yield Fault(
            node.path,
            "this nested credential is not signed",
            "sign it first, with `clrctl sign` or `build --sign`",
        )


@rule(
    "proof/purpose",
    on=_ON,
    source="VC Data Integrity 1.0, section 2.1; practice of the 1EdTech validator",
    good=_with(),
    bad=_with(proofPurpose="authentication"),
)
def purpose(node: Node, _: Tree) -> Iterator[Fault]:
    """A credential's proof has the purpose `assertionMethod`.

    With another purpose, or none, the key was not used to assert what the credential says.
    """
    for path, proof in node.objects("proof"):
        found = proof.get("proofPurpose")
        if found != "assertionMethod":
            yield Fault(
                (*path, "proofPurpose") if found is not None else path,
                "the proof has another purpose than assertionMethod"
                if found is not None
                else "the proof names no purpose",
                "have the credential signed again with proofPurpose assertionMethod",
            )


@rule(
    "proof/suite",
    on=_ON,
    severity=Severity.WARNING,
    source="CLR 2.0 certification: eddsa-rdfc-2022; VC Data Integrity 1.0",
    good=_with(),
    bad=_with(type="JsonWebSignature2020"),
)
def suite(node: Node, _: Tree) -> Iterator[Fault]:
    """A proof is of a kind that verifiers of CLRs know: a DataIntegrityProof with its cryptosuite.

    Certification asks for `eddsa-rdfc-2022`. Ed25519Signature2020 is deprecated; the official
    validator knows no other type.
    """
    for path, proof in node.objects("proof"):
        kind, name = proof.get("type"), proof.get("cryptosuite")
        if kind == "Ed25519Signature2020":
            yield Fault((*path, "type"), "Ed25519Signature2020 is deprecated", _SIGN_AGAIN)
        elif isinstance(kind, str) and kind != "DataIntegrityProof":
            yield Fault((*path, "type"), "verifiers of CLRs do not know this type", _SIGN_AGAIN)
        elif kind == "DataIntegrityProof" and name not in _SUITES:
            yield Fault(
                (*path, "cryptosuite") if "cryptosuite" in proof else path,
                "verifiers of CLRs do not know this cryptosuite"
                if name
                else "no cryptosuite named",
                _SIGN_AGAIN,
            )


_SIGN_AGAIN = "sign with a DataIntegrityProof, eddsa-rdfc-2022"


@rule(
    "proof/controller",
    on=_ON,
    severity=Severity.WARNING,
    source="VC Data Integrity 1.0, section 4.2; practice of the 1EdTech validator",
    good=_with(),
    bad=_with(verificationMethod="https://somebody.example.org#key"),
)
def controller(node: Node, _: Tree) -> Iterator[Fault]:
    """The key that signed belongs to the issuer.

    A proof made with somebody else's key shows that somebody signed, not that the issuer did.
    What lies behind the key's address is not fetched; only the address is compared.
    """
    issuer = node.value.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    for path, proof in node.objects("proof"):
        method = proof.get("verificationMethod")
        if not isinstance(method, str) or not isinstance(issuer, str) or "#" not in method:
            continue
        if method.partition("#")[0] != issuer:
            yield Fault(
                (*path, "verificationMethod"),
                "the key's address is not below the issuer's id",
                "make sure that the issuer publishes this key",
            )
