"""What the standard says: schemas, classes, strict serialization, moments, paths of the API.

Sources: 1EdTech CLR 2.0 and Open Badges 3.0. The room reads its own schemas and no other file.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.standard import classes, export, passing, reference, schemas, serialization
    from clrctl.standard.classes import (
        CLASSES,
        CREDENTIALS,
        NESTED_CLASSES,
        Node,
        Path,
        Tree,
        grow,
        links,
        members,
    )
    from clrctl.standard.clr_api import API_PATH, CREDENTIALS_PATH, DISCOVERY_PATH
    from clrctl.standard.moments import instant, is_stamp, same_moment
    from clrctl.standard.schemas import SchemaEntry
    from clrctl.standard.serialization import (
        INDENT,
        FormattedFile,
        Style,
        Verbatim,
        Written,
        format_document,
        json_text,
        lay_out,
        order,
    )

__all__ = [
    "API_PATH",
    "CLASSES",
    "CREDENTIALS",
    "CREDENTIALS_PATH",
    "DISCOVERY_PATH",
    "INDENT",
    "NESTED_CLASSES",
    "FormattedFile",
    "Node",
    "Path",
    "SchemaEntry",
    "Style",
    "Tree",
    "Verbatim",
    "Written",
    "classes",
    "export",
    "format_document",
    "grow",
    "instant",
    "is_stamp",
    "json_text",
    "lay_out",
    "links",
    "members",
    "order",
    "passing",
    "reference",
    "same_moment",
    "schemas",
    "serialization",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "classes",
            "export",
            "passing",
            "reference",
            "schemas",
            "serialization",
        ),
        "classes": (
            "CLASSES",
            "CREDENTIALS",
            "NESTED_CLASSES",
            "Node",
            "Path",
            "Tree",
            "grow",
            "links",
            "members",
        ),
        "clr_api": (
            "API_PATH",
            "CREDENTIALS_PATH",
            "DISCOVERY_PATH",
        ),
        "moments": ("instant", "is_stamp", "same_moment"),
        "schemas": ("SchemaEntry",),
        "serialization": (
            "FormattedFile",
            "INDENT",
            "Style",
            "Verbatim",
            "Written",
            "format_document",
            "json_text",
            "lay_out",
            "order",
        ),
    },
)
