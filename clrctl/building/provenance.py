"""Where each part of a record comes from, for whoever has to account for it later.

It is kept beside the records, never inside: it names files, rows and keys of learners. The files
can be read by their owner alone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson

from clrctl._version import __version__
from clrctl.building.output import SUFFIX, file_name
from clrctl.building.run import Built
from clrctl.finding import Json
from clrctl.util import atomic

FORMAT = "clrctl.provenance/1"

_DERIVED = {
    "id": "a UUID of the source's keys, or a template of ids",
    "validFrom": "as_of, or the day of the award: its first second",
    "awardedDate": "as_of, or the day of the award: its noon",
}
_DEFAULTS = {
    "description": "the name, where no description is given",
    "creator": "the issuer, where no creator is given",
    "partial": "false, where it is not given",
}


class Provenance:
    """A folder of files that tell where records come from.

    Args:
        folder: created where it is missing.
        secret: fingerprint of the secret of this build.
    """

    def __init__(self, folder: Path, secret: str) -> None:
        self._folder = folder
        self._secret = secret
        self._digests: dict[str, str] = {}

    def keep(self, built: Built) -> None:
        """Write what is known of one record.

        Raises:
            InputError: it cannot be written.
        """
        key = built.learner
        path = self._folder / f"{file_name(key).removesuffix(SUFFIX)}.json"
        words = atomic.Words("cannot write the provenance", fix="name another folder")
        with atomic.told(path, words):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = orjson.dumps(
            self._data(built), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        )
        atomic.replace(path, text, mode=atomic.PRIVATE, words=words)

    def _data(self, built: Built) -> dict[str, Json]:
        places = {at: place for at, place in built.origins.items() if place.source}
        sources = sorted({place.source for place in places.values()})
        return {
            "format": FORMAT,
            "learner": built.learner,
            "id": built.id,
            "record_sha256": hashlib.sha256(built.text).hexdigest(),
            "clrctl": __version__,
            "secret": self._secret,
            "sources": [{"file": name, "sha256": self._digest(name)} for name in sources],
            "parts": [
                {"pointer": at, "file": place.source, "line": place.line or None}
                for at, place in places.items()
            ],
            "derived": _DERIVED,
            "defaults": _DEFAULTS,
            "notes": list(built.notes),
        }

    def _digest(self, name: str) -> str | None:
        """Return the digest of a source, which is read once; of a part of an archive, its own."""
        if name not in self._digests:
            path = Path(name).parent if Path(name).parent.is_file() else Path(name)
            try:
                with path.open("rb") as stream:
                    self._digests[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError:
                # A sheet of a workbook, or standard input.
                return None
        return self._digests[name]
