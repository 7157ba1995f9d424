"""Cryptosuites: how proofs of each kind are made and checked, one module each.

Checking is mathematics alone; whether a key is the issuer's, and trusted, is decided elsewhere.
"""

from __future__ import annotations

from clrctl.proof.suites.base import Object, Suite, UnsupportedProof
from clrctl.proof.suites.ecdsa_jcs_2019 import EcdsaJcs2019
from clrctl.proof.suites.ecdsa_rdfc_2019 import EcdsaRdfc2019
from clrctl.proof.suites.ecdsa_sd_2023 import EcdsaSd2023
from clrctl.proof.suites.ed25519_2020 import Ed25519Signature2020
from clrctl.proof.suites.eddsa_2022 import Eddsa2022
from clrctl.proof.suites.eddsa_jcs_2022 import EddsaJcs2022
from clrctl.proof.suites.eddsa_rdfc_2022 import EddsaRdfc2022

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        EddsaRdfc2022(),
        EcdsaRdfc2019(),
        EcdsaSd2023(),
        EddsaJcs2022(),
        EcdsaJcs2019(),
        Eddsa2022(),
        Ed25519Signature2020(),
    )
}
"""Every suite by its name; the first that works with a key is what is signed with by default."""


def suite_of(proof: Object) -> Suite:
    """Return the suite of a proof.

    Raises:
        UnsupportedProof: it is of none that is known here.
    """
    kind, name = proof.get("type"), proof.get("cryptosuite")
    if kind == "DataIntegrityProof":
        suite = SUITES.get(name) if isinstance(name, str) else None
        if suite is None or name == Ed25519Signature2020.name:
            raise UnsupportedProof(
                "this cryptosuite is not known here",
                f"known are {', '.join(one for one in SUITES if one.islower())}",
            )
        return suite
    if kind == Ed25519Signature2020.name:
        return SUITES[kind]
    raise UnsupportedProof(
        "proofs of this type are not known here",
        f"known are DataIntegrityProof and {Ed25519Signature2020.name}",
    )
