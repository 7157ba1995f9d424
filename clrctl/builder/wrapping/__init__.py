"""Wrapping: signed credentials of others into a record, without touching what they say.

`judge` decides about each credential and says why; `kept` makes sure, after the record is
written, that every wrapped one stands in it as it was read. Proofs of others are never made,
changed or taken away; what cannot go in as it is, is refused, with what its owner can do about it.

Sources: CLR 2.0, ClrSubject.verifiableCredential; VC Data Model 2.0, section 4; Open Badges 3.0,
section 8.1 (equality of credentials) and IdentityHash.
"""

from clrctl.builder.wrapping.judging import Judged, Terms, judge, wrap
from clrctl.builder.wrapping.learner import Known
from clrctl.builder.wrapping.reasons import Outcome
from clrctl.builder.wrapping.texts import kept

__all__ = ["Judged", "Known", "Outcome", "Terms", "judge", "kept", "wrap"]
