"""Tables: CSV files and workbooks that make one record for each learner, by a mapping."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.tables import looking, sketch, source
    from clrctl.building.tables.csv_grid import Bytes, CsvGrid
    from clrctl.building.tables.gathering import Gathered
    from clrctl.building.tables.grid import Row
    from clrctl.building.tables.looking import Sketch
    from clrctl.building.tables.opening import split

__all__ = [
    "Bytes",
    "CsvGrid",
    "Gathered",
    "Row",
    "Sketch",
    "looking",
    "sketch",
    "source",
    "split",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "looking",
            "sketch",
            "source",
        ),
        "csv_grid": (
            "Bytes",
            "CsvGrid",
        ),
        "gathering": ("Gathered",),
        "grid": ("Row",),
        "looking": ("Sketch",),
        "opening": ("split",),
    },
)
