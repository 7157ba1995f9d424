"""Verifying many inputs: whatever carries a credential, in this process or spread over several.

It joins finding the inputs, taking credentials out of tokens and pictures, and the verifier; it
knows nothing of commands, reports or streams.
"""

from __future__ import annotations

import functools
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from clrctl.document import Document, Executor, Piece, baking, carriers, parallel
from clrctl.errors import InputError
from clrctl.verifying import trust_file
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import Fetch, Trust, offline
from clrctl.verifying.verdict import Verdict


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How inputs are verified; other processes can be given it.

    Attributes:
        now: the moment that counts as today.
        trust_files: whose keys are believed, and which files stand for which URLs.
        contexts: URLs of JSON-LD contexts that are not built in, each with its file.
    """

    now: datetime
    trust_files: tuple[Path, ...] = ()
    contexts: tuple[tuple[str, Path], ...] = ()


def verdicts(
    pieces: Iterable[Piece | InputError],
    options: VerifyOptions,
    *,
    fetch: Fetch = offline,
    executor: Executor | None = None,
) -> Generator[Verdict | InputError, None, None]:
    """Verify every document of some pieces; the verdicts come in their order.

    Args:
        pieces: what `clrctl.document.find` yields.
        options: how.
        fetch: gets what no file stands for; what it fetched is known to this process alone, so
            that all is done here.
        executor: spreads the work, as for `look_at_all`.

    Raises:
        InputError: a trust file or a context cannot be read; before anything is verified.
        UsageError: it holds something that cannot be used; likewise.
        ClrctlError: a process died.
    """
    # The files may have changed since another run in this process.
    _trust.cache_clear()
    _verifier.cache_clear()
    trust = _trust(options)
    if fetch is not offline:
        verifier = Verifier(replace(trust, fetch=fetch), now=options.now)
        look = functools.partial(_verified, verifier=verifier)
        return parallel.look_at_all(_unpacked(pieces), look)
    return parallel.look_at_all(
        _unpacked(pieces), functools.partial(_verified_anywhere, options=options), executor=executor
    )


def _verified_anywhere(document: Document, *, options: VerifyOptions) -> Verdict | InputError:
    return _verified(document, verifier=_verifier(options))


def _verified(document: Document, *, verifier: Verifier) -> Verdict | InputError:
    token = carriers.token_in(document.raw)
    if not token:
        return verifier.verify(document)
    try:
        carried = carriers.from_token(token, source=document.source)
    except InputError as error:
        return error
    within = replace(carried.document, first_line=document.first_line)
    return verifier.verify(within, token=carried.token)


@functools.lru_cache(maxsize=1)
def _trust(options: VerifyOptions) -> Trust:
    return trust_file.read(options.trust_files, options.contexts)


@functools.lru_cache(maxsize=1)
def _verifier(options: VerifyOptions) -> Verifier:
    return Verifier(_trust(options), now=options.now)


def _unpacked(pieces: Iterable[Piece | InputError]) -> Iterator[Piece | InputError]:
    """Take the credentials out of pictures; all else is passed on as it is."""
    for piece in pieces:
        try:
            yield piece if isinstance(piece, InputError) or piece.form else _out_of(piece)
        except InputError as error:
            yield error


def _out_of(piece: Piece) -> Piece:
    raw = piece.read()
    if baking.is_picture(raw):
        baked = carriers.baked_in(raw, source=piece.source)
        return replace(piece, form="json", size=len(baked.text), raw=baked.text)
    return replace(piece, size=len(raw), raw=raw)
