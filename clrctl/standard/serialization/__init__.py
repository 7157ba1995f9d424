"""Formatting: documents of the standard in the standard's strict JSON form, their meaning kept.

Every change keeps the RDF that JSON-LD 1.1 reads in a document; what would need a guess is left
for validation to report. The package neither prints nor touches files.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.standard.serialization.layout import (
        INDENT,
        Style,
        Verbatim,
        Written,
        json_text,
        lay_out,
    )
    from clrctl.standard.serialization.rewriting import FormattedFile, format_file
    from clrctl.standard.serialization.strict import format_document, order

__all__ = [
    "INDENT",
    "FormattedFile",
    "Style",
    "Verbatim",
    "Written",
    "format_document",
    "format_file",
    "json_text",
    "lay_out",
    "order",
]

__getattr__ = lazily(
    __name__,
    {
        "layout": (
            "INDENT",
            "Style",
            "Verbatim",
            "Written",
            "json_text",
            "lay_out",
        ),
        "rewriting": (
            "FormattedFile",
            "format_file",
        ),
        "strict": (
            "format_document",
            "order",
        ),
    },
)
