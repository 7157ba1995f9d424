"""Signing many documents: checked first, in this process or spread over an executor."""

from __future__ import annotations

import functools
from collections.abc import Generator, Iterable

from clrctl.checking import validation
from clrctl.document import Document, Executor, Piece, look_at_all
from clrctl.errors import ClrctlError, InputError
from clrctl.signing.documents import HandedSignOptions, NotSigned, Signed, SignOptions, sign


def sign_all(
    pieces: Iterable[Piece | InputError],
    options: SignOptions,
    *,
    executor: Executor | None = None,
) -> Generator[Signed | ClrctlError, None, None]:
    """Sign every document of the pieces; what becomes of each comes in their order.

    Args:
        pieces: as for `look_at_all`.
        options: with what, and how.
        executor: as for `look_at_all`; the secret keys are handed over to its workers.

    Returns:
        An iterator of signed documents, and of errors in the place of what cannot be signed
        (`NotSigned`, with the report where it has errors), read (InputError), or signed with these
        keys.

    Raises:
        ClrctlError: as `look_at_all`.
    """
    if executor is None:
        look = functools.partial(_signed, options=options)
        return look_at_all(pieces, look)
    handed = functools.partial(_signed_elsewhere, handed=options.handed_over())
    return look_at_all(pieces, handed, executor=executor)


def sign_checked(document: Document, options: SignOptions) -> Signed:
    """Sign a document, if it is valid.

    Raises:
        NotSigned: it has errors, or cannot be signed as it is; it names the place.
        ClrctlError: a signer failed.
    """
    report = validation.check(document)
    if report.errors:
        first = report.errors[0]
        where = f"{document.source}:{first.line}:{first.column} {first.pointer or '/'}"
        raise NotSigned(first.message, first.pointer, where=where, fix=first.fix, report=report)
    return sign(document, options)


def _signed(document: Document, *, options: SignOptions) -> Signed | ClrctlError:
    try:
        return sign_checked(document, options)
    except ClrctlError as error:
        error.source = document.source
        return error


def _signed_elsewhere(document: Document, *, handed: HandedSignOptions) -> Signed | ClrctlError:
    return _signed(document, options=_options(handed))


_taken: dict[int, tuple[HandedSignOptions, SignOptions]] = {}


def _options(handed: HandedSignOptions) -> SignOptions:
    """Return the options; those of the document before are mostly those of this one."""
    known = _taken.get(id(handed))
    if known is None:
        _taken.clear()
        known = _taken[id(handed)] = handed, handed.taken()
    return known[1]
