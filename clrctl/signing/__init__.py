"""Signing documents: which credentials in them, with whose key, children before what holds them.

Only proofs are added, as text, so that every other byte of a document stays. The package neither
prints, reads files, nor knows the clock.
"""

from clrctl.signing.binding import IssuerKey, NoKey, key_of
from clrctl.signing.documents import Manner, NotSigned, Signed, known_suite, sign

__all__ = ["IssuerKey", "Manner", "NoKey", "NotSigned", "Signed", "key_of", "known_suite", "sign"]
