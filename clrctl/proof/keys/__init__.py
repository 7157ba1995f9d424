"""Keys: the forms they come in, the names they go by, and signing with them.

A `PublicKey` verifies; a `Signer` signs, whether its secret lies in a file (`SecretKey`) or behind
a program (`CommandSigner`). This package is the only home of `cryptography`, which is imported
when a key is first used. It prints nothing and reads no environment; `keys.files` reads key files.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.proof.keys import dids, encryption, files, multibase
    from clrctl.proof.keys.command import CommandSigner
    from clrctl.proof.keys.files import KeyFile, json_text
    from clrctl.proof.keys.problem import BadKey
    from clrctl.proof.keys.public import Kind, PublicKey
    from clrctl.proof.keys.secret import SecretKey, Signer

__all__ = [
    "BadKey",
    "CommandSigner",
    "KeyFile",
    "Kind",
    "PublicKey",
    "SecretKey",
    "Signer",
    "dids",
    "encryption",
    "files",
    "json_text",
    "multibase",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "dids",
            "encryption",
            "files",
            "multibase",
        ),
        "command": ("CommandSigner",),
        "files": (
            "KeyFile",
            "json_text",
        ),
        "problem": ("BadKey",),
        "public": (
            "Kind",
            "PublicKey",
        ),
        "secret": (
            "SecretKey",
            "Signer",
        ),
    },
)
