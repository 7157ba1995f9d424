"""What is said of a key that cannot be used."""

from __future__ import annotations


class BadKey(ValueError):
    """This is no key, or none that can be used here.

    Attributes:
        what: what is wrong: small first letter, no full stop; no secret is quoted.
        fix: what to do about it; may be empty.
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
