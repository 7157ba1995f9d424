"""Formatting: documents of the standard in the standard's strict JSON form, their meaning kept.

Every change keeps the RDF that JSON-LD 1.1 reads in a document; what would need a guess is left
for validation to report. The package neither prints nor touches files.
"""

from clrctl.formatting.files import FormattedFile, format_file
from clrctl.formatting.layout import Style
from clrctl.formatting.strict import Formatted, Kept, format_document

__all__ = [
    "Formatted",
    "FormattedFile",
    "Kept",
    "Style",
    "format_document",
    "format_file",
]
