"""Keys: the forms they come in, the names they go by, and signing with them.

A `PublicKey` verifies; a `Signer` signs, whether its secret lies in a file (`SecretKey`) or behind
a program (`CommandSigner`). This package is the only home of `cryptography`, which is imported
when a key is first used. It prints nothing and reads no environment; `keys.files` reads key files.
"""

from clrctl.keys.problem import BadKey
from clrctl.keys.public import Kind, PublicKey
from clrctl.keys.secret import SecretKey, Signer

__all__ = ["BadKey", "Kind", "PublicKey", "SecretKey", "Signer"]
