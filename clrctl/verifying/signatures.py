"""Signatures in records on their way out: looked at where there are any, at no cost elsewhere.

What they are worth is for `clrctl.verifying` to say, which is loaded when the first one is met.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from clrctl.document import Document, parse
from clrctl.finding import Finding

if TYPE_CHECKING:
    from clrctl.verifying.trust import Trust
    from clrctl.verifying.verdict import Check

# A name may also be written with escapes.
_SIGNED = re.compile(rb'"proof"|"endorsementJwt"|"EnvelopedVerifiableCredential"|\\u00')


@dataclass(frozen=True, slots=True)
class Signatures:
    """Finds proofs that are broken, or cannot be checked; to be called as `validation.Also`.

    Attributes:
        now: the moment that counts as today.
        trust: whose keys are believed; None: those of the trust files, if there are any.
        trust_files: are read once in each process that this is handed to.
    """

    now: datetime
    trust: Trust | None = None
    trust_files: tuple[Path, ...] = ()

    @classmethod
    def under(cls, trust_files: Sequence[Path], now: datetime) -> Signatures:
        """Return what finds them under the trust of some files.

        Raises:
            InputError: a file cannot be read.
            UsageError: it holds something that cannot be used.
        """
        _read.cache_clear()  # the files may have changed since another run
        if trust_files:
            _read(tuple(trust_files))
        return cls(now, trust_files=tuple(trust_files))

    def __call__(self, document: Document, found: Sequence[Finding]) -> list[Finding]:
        """Return what is to be said of the proofs of a document, as `nested.findings`."""
        if not _SIGNED.search(document.payload) or not isinstance(document.data, dict):
            return []
        from clrctl.verifying import nested

        return nested.findings(document.data, found, trust=self._believed(), now=self.now)

    def of_answer(self, answer: bytes) -> Check | None:
        """Return the worst that is to be said of the proof on a record that a server returned.

        None where it has none, or is no record.
        """
        # It is looked at between two requests: most answers have none.
        with contextlib.suppress(orjson.JSONDecodeError):
            loaded = orjson.loads(answer)
            if not isinstance(loaded, dict) or "proof" not in loaded:
                return None
        document = parse(answer, syntax="json")
        if not isinstance(document.data, dict) or "proof" not in document.data:
            return None
        from clrctl.verifying import nested

        return nested.outermost(document.data, trust=self._believed(), now=self.now)

    def _believed(self) -> Trust:
        return self.trust or _read(self.trust_files)


@functools.cache
def _read(trust_files: tuple[Path, ...]) -> Trust:
    from clrctl.verifying import trust_file

    return trust_file.read(trust_files)
