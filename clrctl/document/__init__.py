"""Loading: from names on the command line to strictly parsed documents.

`read` finds the inputs and yields a `Document` for each, or an `InputError` in its place; `find`
yields the pieces of the inputs, for others to read. What JSON readers or YAML readers would
understand differently is a fault with line and column, never a guess. The package neither
prints, reads the environment, knows the clock nor opens sockets.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.document import baking, canonical, carriers, names, parallel, strict_json
    from clrctl.document.canonical import encode
    from clrctl.document.carriers import REGISTERED, SUFFIXES, Carried
    from clrctl.document.inputs import READING, Piece, find, read
    from clrctl.document.jws import JWS, is_jws
    from clrctl.document.limits import Limits
    from clrctl.document.members import (
        Key,
        each,
        entries,
        first_text,
        id_of,
        identity,
        issuer_of,
        objects,
        one,
        text_of,
        texts_of,
        types_of,
    )
    from clrctl.document.names import InputFormat, expand, suffix_format
    from clrctl.document.parallel import Executor, look_at_all, spread
    from clrctl.document.parsing import Document, Syntax, parse
    from clrctl.document.places import Spot
    from clrctl.document.scalars import NUMBER
    from clrctl.document.strict_json import scan
    from clrctl.document.texts import TextNode, parse_texts

__all__ = [
    "JWS",
    "NUMBER",
    "READING",
    "REGISTERED",
    "SUFFIXES",
    "Carried",
    "Document",
    "Executor",
    "InputFormat",
    "Key",
    "Limits",
    "Piece",
    "Spot",
    "Syntax",
    "TextNode",
    "baking",
    "canonical",
    "carriers",
    "each",
    "encode",
    "entries",
    "expand",
    "find",
    "first_text",
    "id_of",
    "identity",
    "is_jws",
    "issuer_of",
    "look_at_all",
    "names",
    "objects",
    "one",
    "parallel",
    "parse",
    "parse_texts",
    "read",
    "scan",
    "spread",
    "strict_json",
    "suffix_format",
    "text_of",
    "texts_of",
    "types_of",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "baking",
            "canonical",
            "carriers",
            "names",
            "parallel",
            "strict_json",
        ),
        "canonical": ("encode",),
        "carriers": (
            "Carried",
            "REGISTERED",
            "SUFFIXES",
        ),
        "inputs": (
            "Piece",
            "READING",
            "find",
            "read",
        ),
        "jws": (
            "JWS",
            "is_jws",
        ),
        "limits": ("Limits",),
        "members": (
            "Key",
            "each",
            "entries",
            "first_text",
            "id_of",
            "identity",
            "issuer_of",
            "objects",
            "one",
            "text_of",
            "texts_of",
            "types_of",
        ),
        "names": (
            "InputFormat",
            "expand",
            "suffix_format",
        ),
        "parallel": (
            "Executor",
            "look_at_all",
            "spread",
        ),
        "parsing": (
            "Document",
            "Syntax",
            "parse",
        ),
        "places": ("Spot",),
        "scalars": ("NUMBER",),
        "strict_json": ("scan",),
        "texts": (
            "TextNode",
            "parse_texts",
        ),
    },
)
