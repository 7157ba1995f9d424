"""What keeps a document from being brought into the form that proofs cover."""

from __future__ import annotations

from clrctl.finding import pointer


class DataLoss(ValueError):
    """Something in a document would drop out of the signed data, or is read in different ways.

    Attributes:
        path: member names and indices that lead to the place, outermost first.
        what: what is wrong there: small first letter, no full stop.
        fix: what to do about it.
        at_key: the member's name is meant, not its value.
    """

    def __init__(self, what: str, fix: str = "", *, at_key: bool = False) -> None:
        super().__init__(what)
        self.path: list[str | int] = []
        self.what = what
        self.fix = fix
        self.at_key = at_key

    @property
    def pointer(self) -> str:
        """JSON Pointer (RFC 6901) to the place; `""` is the whole document."""
        return pointer(tuple(self.path))

    def at(self, *steps: str | int) -> DataLoss:
        """Return itself, seen from further out: below these steps."""
        self.path[:0] = steps
        return self

    def __str__(self) -> str:
        return f"{self.pointer or 'the document'}: {self.what}"


class Undefined(DataLoss):
    """A name that no context gives a meaning.

    Attributes:
        name: the name: of a member, or of a type.
        kind: `member` or `type`.
    """

    def __init__(self, name: str, kind: str) -> None:
        subject = f'the type "{name}"' if kind == "type" else f'"{name}"'
        super().__init__(
            f"no context here defines {subject}, so it would drop out of the signed data",
            "remove it, or add the context that defines it after the standard's",
            at_key=kind == "member",
        )
        self.name = name
        self.kind = kind


class Below:
    """A block whose faults lie below one more step of the path.

    with Below(name):
        ...
    """

    __slots__ = ("step",)

    def __init__(self, step: str | int) -> None:
        self.step = step

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Put the step before the path of a fault that passes."""
        if isinstance(error, DataLoss):
            error.at(self.step)


class ContextFault(DataLoss):
    """A context contradicts itself or another, or uses what is not read here."""

    def __init__(self, what: str, fix: str = "", *, at_key: bool = False) -> None:
        super().__init__(what, fix or "write it as JSON-LD 1.1 asks", at_key=at_key)


class UnknownContext(ValueError):
    """A context that is neither built in nor added; nothing is fetched.

    Attributes:
        url: its address, as the document names it.
    """

    def __init__(self, url: str) -> None:
        super().__init__(f"the context {url} is not known here, and nothing is fetched")
        self.url = url


class TooComplex(ValueError):
    """The work for a document would exceed what any honest one needs."""
