"""The terminal: commands, options, output. No other room knows it.

`app` holds the list of commands; `commands` has one module for each; `output` has the formats.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.cli.app import run

__all__ = [
    "run",
]

__getattr__ = lazily(__name__, {"app": ("run",)})
