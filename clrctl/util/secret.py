"""Secrets: values that nothing shows, and the one way by which they reach another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn


class Secret:
    """A text that no message, log or traceback can show; `reveal()` is the only way to it.

    It does not pickle: what goes to another process is what `handed_over()` returns.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def handed_over(self) -> HandedOver:
        """Return what may go to another process; `taken()` is this secret there."""
        return HandedOver(Secret, self._text)

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written out; handed_over() goes to another process")


class HandedOver:
    """A secret on its way to another process: it pickles, and shows nothing.

    Args:
        make: makes the secret again.
        given: what it is made of.
    """

    __slots__ = ("_given", "_make")

    def __init__(self, make: Callable[..., Any], *given: Any) -> None:
        self._make = make
        self._given = given

    def taken(self) -> Any:
        """Return the secret."""
        return self._make(*self._given)

    def __repr__(self) -> str:
        return "HandedOver(...)"

    def __reduce__(self) -> tuple[Any, ...]:
        return HandedOver, (self._make, *self._given)
