"""Tables: CSV files and workbooks that make one record for each learner, by a mapping."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.tables import sketch, source
    from clrctl.building.tables.csv_grid import Bytes, CsvGrid
    from clrctl.building.tables.gathering import Gathered
    from clrctl.building.tables.grid import Row
    from clrctl.building.tables.opening import Opener
    from clrctl.building.tables.sketch import Sketch

__all__ = [
    "Bytes",
    "CsvGrid",
    "Gathered",
    "Opener",
    "Row",
    "Sketch",
    "sketch",
    "source",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "sketch",
            "source",
        ),
        "csv_grid": (
            "Bytes",
            "CsvGrid",
        ),
        "gathering": ("Gathered",),
        "grid": ("Row",),
        "opening": ("Opener",),
        "sketch": ("Sketch",),
    },
)
