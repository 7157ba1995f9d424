"""Wrapping: signed credentials of others into a record, without touching what they say.

`judge` decides about each credential and says why; `including` does so for what a
recipe includes; `making` builds the record and holds every wrapped credential in it against what
was read. Proofs of others are never made, changed or taken
away; what cannot go in as it is, is refused, with what its owner can do about it.

Sources: CLR 2.0, ClrSubject.verifiableCredential; VC Data Model 2.0, section 4; Open Badges 3.0,
section 8.1 (equality of credentials) and IdentityHash.
"""

from clrctl.builder.wrapping.judging import Judged, Terms, judge
from clrctl.builder.wrapping.learner import Known, known_by
from clrctl.builder.wrapping.reasons import Outcome

__all__ = ["Judged", "Known", "Outcome", "Terms", "judge", "known_by"]
