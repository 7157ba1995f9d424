"""Status lists of one's own: made, given out entry by entry, and changed.

A list is a BitstringStatusListCredential, to be published at its URL. Beside it lies a ledger,
which is not published: it tells which credential has which entry. The entry of a credential is
found by hashing its id, so that neighbours in the list have nothing to do with each other. Nothing
here knows the clock, and the same steps always give the same files.

Source: Bitstring Status List 1.0, sections 2.1, 2.2 and 3.1.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clrctl.document import id_of, names, parse, types_of
from clrctl.errors import InputError, TemporaryError, UsageError
from clrctl.finding import Json
from clrctl.standard import Style, Written, json_text, lay_out
from clrctl.util import Lock, LockHeld, atomic
from clrctl.verifying.status import bitstring
from clrctl.verifying.status.bitstring import LEAST_ENTRIES, BadList

CONTEXT = "https://www.w3.org/ns/credentials/v2"
TYPE = "BitstringStatusListCredential"
PURPOSES = ("revocation", "suspension", "refresh")
LEDGER = "clrctl.status-ledger/1"
_BITS = 8


def new(
    url: str,
    issuer: str,
    *,
    valid_from: str,
    purposes: Sequence[str] = ("revocation",),
    entries: int = LEAST_ENTRIES,
) -> dict[str, Json]:
    """Return a new list in which no entry is set, as yet unsigned.

    Args:
        url: where it will be published.
        issuer: its issuer's id: the issuer of the credentials that will have entries in it.
        valid_from: from when it holds, as RFC 3339 text with a time zone.
        purposes: what a set bit means.
        entries: how many credentials it has room for.

    Raises:
        UsageError: it would be smaller than the standard allows, or not fill whole bytes.
    """
    if entries < LEAST_ENTRIES or entries % _BITS or entries // _BITS > bitstring.MOST_BYTES:
        raise UsageError(
            f"a list of {entries:,} entries cannot be made",
            why=f"it has {LEAST_ENTRIES:,} or more, in eights, so that one entry reveals nothing",
            fix=f"give --entries {max(LEAST_ENTRIES, min(entries, 2**24) // _BITS * _BITS)}",
        )
    return {
        "@context": [CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", TYPE],
        "issuer": issuer,
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purposes[0] if len(purposes) == 1 else list(purposes),
            "encodedList": bitstring.pack(bytes(entries // _BITS)),
        },
    }


@dataclass(frozen=True)
class StatusList:
    """A status list as it lies in a file.

    Attributes:
        path: the file.
        data: the credential.
        bits: its list, unpacked.
        given: the index that each credential has, by the credential's id.
    """

    path: Path
    data: dict[str, Json]
    bits: bytes = field(repr=False)
    given: Mapping[str, int] = field(repr=False)

    @property
    def url(self) -> str:
        """Where it is published."""
        return str(self.data["id"])

    @property
    def issuer(self) -> str:
        """Its issuer's id."""
        return id_of(self.data.get("issuer"))

    @property
    def purposes(self) -> list[str]:
        """What a set bit means."""
        found = self.data["credentialSubject"]["statusPurpose"]
        return list(found) if isinstance(found, list) else [str(found)]

    @property
    def entries(self) -> int:
        """How many it has."""
        return len(self.bits) * _BITS

    @property
    def set_indices(self) -> list[int]:
        """Return the indices of the entries that are set."""
        return [
            at * _BITS + bit
            for at, byte in enumerate(self.bits)
            if byte
            for bit in range(_BITS)
            if byte >> (_BITS - 1 - bit) & 1
        ]

    def entry(self, index: int) -> list[dict[str, Json]]:
        """Return the `credentialStatus` of the credential with an index, one for each purpose."""
        return [
            {
                "id": f"{self.url}#{index}"
                if len(self.purposes) == 1
                else (f"{self.url}#{index}-{purpose}"),
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": str(index),
                "statusListCredential": self.url,
            }
            for purpose in self.purposes
        ]

    def index_of(self, name: str) -> int:
        """Return the index that an index or a credential's id stands for.

        Raises:
            UsageError: the list has no such entry, or the credential none in it.
        """
        if name in self.given:
            return self.given[name]
        if name.isascii() and name.isdecimal():
            if int(name) < self.entries:
                return int(name)
            raise UsageError(
                f"the list has no entry {name}",
                where=str(self.path),
                fix=f"it has {self.entries:,}",
            )
        # The nearest one would be somebody else's.
        raise UsageError(
            "this credential has no entry in the list",
            where=str(self.path),
            why=name,
            fix="check the id; clrctl status-list add gives entries to credentials",
        )

    def with_entries(self, names: Sequence[str]) -> StatusList:
        """Return the list with an entry for each of some credentials; those that have one keep it.

        Raises:
            UsageError: there is no room.
        """
        given = dict(self.given)
        taken = set(given.values())
        for name in names:
            if name in given:
                continue
            if len(taken) >= self.entries:
                raise UsageError("the list is full", where=str(self.path), fix="begin another list")
            index = _start(self.url, name) % self.entries
            while index in taken:
                index = (index + 1) % self.entries
            taken.add(index)
            given[name] = index
        return StatusList(self.path, self.data, self.bits, given)

    def with_bits(self, indices: Sequence[int], value: int) -> StatusList:
        """Return the list with other bits; its proof, which no longer holds, is gone."""
        bits = self.bits
        for index in indices:
            bits = bitstring.with_value(bits, index, value)
        if bits == self.bits:
            return self
        data = {name: held for name, held in self.data.items() if name != "proof"}
        subject = {**data["credentialSubject"], "encodedList": bitstring.pack(bits)}
        return StatusList(self.path, {**data, "credentialSubject": subject}, bits, self.given)

    def write_list(self) -> None:
        """Write the list.

        Raises:
            InputError: it cannot be written.
        """
        atomic.replace(self.path, text(self.data))

    def write_ledger(self) -> None:
        """Write which credential has which entry, for its owner alone to read.

        Raises:
            InputError: it cannot be written.
        """
        ledger = {"format": LEDGER, "list": self.url, "entries": dict(self.given)}
        atomic.replace(ledger_of(self.path), text(ledger), mode=atomic.PRIVATE)


def _start(url: str, name: str) -> int:
    digest = hashlib.sha256(f"{url}\0{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8])


def ledger_of(path: Path) -> Path:
    """Return the file beside a list that tells which credential has which entry."""
    return path.with_name(f"{path.stem}.entries.json")


def text(data: Json) -> bytes:
    """Return the text of a list or a ledger."""
    return (lay_out(_written(data), Style.LINES) + "\n").encode()


def _written(value: Json) -> Written:
    if isinstance(value, dict):
        return {name: _written(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_written(held) for held in value]
    return json_text(value)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[StatusList]:
    """Read a list, and let nobody else change it meanwhile.

    Raises:
        InputError: it cannot be read, is no status list of one bit an entry, or its ledger is
            another list's.
        TemporaryError: another process is changing it.
    """
    read(path)
    try:
        lock = Lock(path.with_name(f".{path.name}.lock"))
    except LockHeld as held:
        raise TemporaryError(
            "another process is changing this list",
            where=str(path),
            why=f"process {held.holder}" if held.holder else "",
            fix="run the same command again",
        ) from None
    except OSError as problem:
        raise InputError(
            "cannot lock the list", where=str(path), why=problem.strerror or ""
        ) from None
    try:
        # What it was before may have changed until the lock was had.
        yield read(path)
    finally:
        lock.release()


def read(path: Path) -> StatusList:
    """Read a list and its ledger.

    Raises:
        InputError: as `opened`.
    """
    data = _object(path)
    subject = data.get("credentialSubject")
    if (
        TYPE not in types_of(data)
        or not isinstance(subject, dict)
        or not subject.get("statusPurpose")
    ):
        raise InputError(
            "this is no status list",
            where=str(path),
            fix="name a BitstringStatusListCredential; clrctl status-list new makes one",
        )
    if not isinstance(data.get("id"), str):
        raise InputError("the list has no id", where=str(path), fix="it is the URL of the list")
    try:
        bits = bitstring.unpack(str(subject.get("encodedList")))
    except BadList as problem:
        raise InputError("the list is damaged", where=str(path), why=str(problem)) from None
    return StatusList(path, data, bits, _given(ledger_of(path), data["id"], len(bits) * _BITS))


def _given(path: Path, url: str, entries: int) -> dict[str, int]:
    if not path.exists():
        return {}
    ledger = _object(path)
    given = ledger.get("entries")
    if ledger.get("format") != LEDGER or ledger.get("list") != url or not isinstance(given, dict):
        raise InputError(
            "this ledger is not that of the list",
            where=str(path),
            why=f"the list is {url}",
            fix="put each list with its own ledger",
        )
    indices = [index for index in given.values() if type(index) is int and 0 <= index < entries]
    if len(set(indices)) != len(given):
        raise InputError(
            "this ledger is damaged", where=str(path), why="its entries are not all different"
        )
    return given


def _object(path: Path) -> dict[str, Json]:
    try:
        document = parse(path.read_bytes(), source=str(path), syntax="json")
    except OSError as problem:
        raise names.not_fetched(str(path)) or InputError(
            "cannot read the file",
            where=str(path),
            why=problem.strerror or "",
            fix="check its name",
        ) from None
    for fault in document.faults:
        raise InputError(
            "this cannot be read",
            where=f"{path}:{fault.line}:{fault.column}",
            why=fault.message,
            fix=fault.fix,
        )
    if not isinstance(document.data, dict):
        raise InputError("this is no JSON object", where=str(path))
    return document.data
