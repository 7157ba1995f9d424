"""Loading: from names on the command line to strictly parsed documents.

`read` finds the inputs and yields a `Document` for each, or an `InputError` in its place; `find`
yields the pieces of the inputs, for others to read. What JSON readers or YAML readers would
understand differently is a fault with line and column, never a guess. The package neither
prints, reads the environment, knows the clock nor opens sockets.
"""

from clrctl.document.inputs import READING, Piece, find, read
from clrctl.document.limits import Limits
from clrctl.document.names import InputFormat
from clrctl.document.parsing import Document, Syntax, parse
from clrctl.document.texts import Node, Texts, parse_texts

__all__ = [
    "READING",
    "Document",
    "InputFormat",
    "Limits",
    "Node",
    "Piece",
    "Syntax",
    "Texts",
    "find",
    "parse",
    "parse_texts",
    "read",
]
