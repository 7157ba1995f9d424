"""Wrapping: signed credentials of others into a record, without touching what they say.

`judge` decides about each credential and says why; `including` does so for what a
recipe includes; `making` builds the record and holds every wrapped credential in it against what
was read. Proofs of others are never made, changed or taken
away; what cannot go in as it is, is refused, with what its owner can do about it.

Sources: CLR 2.0, ClrSubject.verifiableCredential; VC Data Model 2.0, section 4; Open Badges 3.0,
section 8.1 (equality of credentials) and IdentityHash.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.wrap import including, originals, record, wrap_report
    from clrctl.building.wrap.judging import Judged, Terms, judge
    from clrctl.building.wrap.learner import known_by
    from clrctl.building.wrap.reasons import WrapOutcome

__all__ = [
    "Judged",
    "Terms",
    "WrapOutcome",
    "including",
    "judge",
    "known_by",
    "originals",
    "record",
    "wrap_report",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "including",
            "originals",
            "record",
            "wrap_report",
        ),
        "judging": (
            "Judged",
            "Terms",
            "judge",
        ),
        "learner": ("known_by",),
        "reasons": ("WrapOutcome",),
    },
)
