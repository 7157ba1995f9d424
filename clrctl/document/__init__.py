"""Loading: from names on the command line to strictly parsed documents.

`read` finds the inputs and yields a `Document` for each, or an `InputError` in its place. What
JSON readers or YAML readers would understand differently is a fault with line and column, never
a guess. The package neither prints, reads the environment, knows the clock nor opens sockets.
"""

from clrctl.document.inputs import InputFormat, read
from clrctl.document.limits import Limits
from clrctl.document.parsing import Document, Syntax, parse

__all__ = ["Document", "InputFormat", "Limits", "Syntax", "parse", "read"]
