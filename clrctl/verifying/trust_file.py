"""Reading a trust file: whose keys are believed, and which files stand for which URLs.

It is YAML or JSON, read as strictly as credentials are, and held to its schema
(`settings/trust`). The files it names lie beside it. The document by which an issuer publishes its
keys is a trust file too: it pins them for the issuer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from clrctl.checking import validation
from clrctl.document import Document, Syntax, names, parse, text_of
from clrctl.errors import InputError, UsageError
from clrctl.finding import Finding, Json, Severity, pointer
from clrctl.proof import BadKey, PublicKey
from clrctl.verifying import controllers
from clrctl.verifying.trust import Fetch, PinnedKey, Trust, offline

SCHEMA = "settings/trust.json"
MOST_BYTES = 64 * 2**20
_PEM = b"-----BEGIN"
_PUBLISHED = "verificationMethod"
"""What a DID or controller document has, and a trust file does not."""


def read(
    files: Iterable[Path], contexts: Iterable[tuple[str, Path]] = (), *, fetch: Fetch = offline
) -> Trust:
    """Read trust files into one trust.

    Args:
        files: the trust files; keys that two of them pin for an issuer are all believed.
        contexts: URLs of JSON-LD contexts, each with the file that holds it.
        fetch: gets what no file stands for; by default nothing is fetched.

    Raises:
        InputError: a file cannot be read.
        UsageError: a file holds something that cannot be used; names the place.
    """
    keys: dict[str, tuple[PinnedKey, ...]] = {}
    documents: dict[str, bytes] = {}
    known: dict[str, Json] = {}
    for file in files:
        part = _TrustFile(file)
        for issuer, found in part.issuers():
            keys[issuer] = (*keys.get(issuer, ()), *found)
        documents |= part.documents()
        known |= part.contexts()
    for url, file in contexts:
        known[url] = _context(_bytes_of(file, f"--context {url}={file}"), str(file))
    if known:
        from clrctl.proof import context_files

        context_files.refuse_redefinitions(known)
    return Trust(keys, documents, known, fetch)


class _TrustFile:
    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        syntax: Syntax | None = "yaml" if names.suffix_format(str(path)) == "yaml" else None
        raw = _bytes_of(path, str(path))
        self._document = parse(raw, source=str(path), syntax=syntax)
        data = self._document.data
        if not self._document.faults and isinstance(data, dict) and _PUBLISHED in data:
            data = {"issuers": {text_of(data.get("id")): [{"file": path.name}]}}
        else:
            _check(self._document)
        self._data: dict[str, Json] = data

    def issuers(self) -> Iterator[tuple[str, tuple[PinnedKey, ...]]]:
        for issuer, entries in self._data.get("issuers", {}).items():
            found: list[PinnedKey] = []
            for at, entry in enumerate(entries):
                found += self._keys(issuer, entry, pointer(("issuers", issuer, at)))
            yield issuer, tuple(found)

    def documents(self) -> dict[str, bytes]:
        return {
            url: self._named(name, pointer(("documents", url)))
            for url, name in self._data.get("documents", {}).items()
        }

    def contexts(self) -> dict[str, Json]:
        return {
            url: _context(self._named(name, pointer(("contexts", url))), name)
            for url, name in self._data.get("contexts", {}).items()
        }

    def _keys(self, issuer: str, entry: dict[str, Json], place: str) -> list[PinnedKey]:
        forms = [name for name in ("multikey", "jwk", "file") if name in entry]
        if len(forms) != 1:
            raise self._bad(place, "a key is given in exactly one form", "multikey, jwk or file")
        name = text_of(entry.get("id"))
        try:
            if "multikey" in entry:
                return [PinnedKey(PublicKey.from_multikey(entry["multikey"]), name)]
            if "jwk" in entry:
                return [PinnedKey(_public_jwk(entry["jwk"]), name)]
            raw = self._named(entry["file"], f"{place}/file")
            found = list(_keys_of(raw, issuer))
        except BadKey as problem:
            raise self._bad(place, problem.what, problem.fix) from None
        if name and len(found) > 1:
            raise self._bad(
                place, "this file holds several keys, and there is one id", "leave the id out"
            )
        return [PinnedKey(each.key, name or each.id) for each in found]

    def _named(self, name: str, place: str) -> bytes:
        path = self._folder / Path(name).expanduser()
        return _bytes_of(path, f"{path} (named by {self._place(place)})")

    def _bad(self, place: str, what: str, fix: str) -> UsageError:
        return UsageError(
            "the trust file cannot be used", where=self._place(place), why=what, fix=fix
        )

    def _place(self, place: str) -> str:
        return _place(self._document, Finding("", Severity.ERROR, place, ""))


def _check(document: Document) -> None:
    """Refuse a document that cannot be used as a trust file."""
    found: Iterable[Finding] = document.faults
    if not found:
        found = document.locate(validation.schema_findings(document.data, SCHEMA))
    for fault in found:
        raise UsageError(
            "the trust file cannot be used",
            where=_place(document, fault),
            why=fault.message,
            fix=fault.fix or "see its form: clrctl schema show settings/trust",
        )


def _place(document: Document, finding: Finding) -> str:
    (found,) = document.locate([finding])
    return f"{document.source}:{found.line}:{found.column}"


def _keys_of(raw: bytes, issuer: str) -> Iterator[PinnedKey]:
    """Yield the keys that a file holds."""
    if raw.lstrip().startswith(_PEM):
        if b"PRIVATE KEY" in raw:
            raise _secret()
        yield PinnedKey(PublicKey.from_pem(raw))
        return
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        multikey = raw.strip().decode("ascii", "replace")
        yield PinnedKey(PublicKey.from_multikey(multikey))
        return
    if isinstance(data, dict):
        _refuse_secrets(data)
        owner = text_of(data.get("id"))
        if ("verificationMethod" in data or controllers.ASSERTIONS in data) and owner != issuer:
            raise BadKey(
                f"this document is of {owner or 'nobody'}, not of {issuer}",
                "name the issuer's own document, or take the key out of this one",
            )
    listed = [each for each in controllers.methods(data) if each.asserts]
    usable = [PinnedKey(each.key, each.id) for each in listed if each.key is not None]
    if not usable:
        why = listed[0].why if listed else "it lists none for assertions"
        raise BadKey(
            f"this file holds no key that can be used: {why}",
            "name a file of PEM, JWK, JWKs or a DID document, or give the key as multikey",
        )
    yield from usable


def _public_jwk(jwk: dict[str, Json]) -> PublicKey:
    _refuse_secrets(jwk)
    return PublicKey.from_jwk(jwk)


def _refuse_secrets(data: dict[str, Json]) -> None:
    entries = data["keys"] if isinstance(data.get("keys"), list) else [data]
    if any(
        isinstance(each, dict) and each.keys() & {"d", "secretKeyMultibase"} for each in entries
    ):
        raise _secret()


def _secret() -> BadKey:
    return BadKey(
        "this is a secret key; those who verify have public keys",
        "name the file of the public key: clrctl key show",
    )


def _context(raw: bytes, name: str) -> Json:
    document = parse(raw, source=name, syntax="json")
    for fault in document.faults:
        raise UsageError(
            "the context cannot be read",
            where=f"{name}:{fault.line}:{fault.column}",
            why=fault.message,
            fix=fault.fix,
        )
    if not isinstance(document.data, dict) or "@context" not in document.data:
        raise UsageError(
            "this file holds no JSON-LD context", where=name, fix='it needs a member "@context"'
        )
    return document.data


def _bytes_of(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        unread = InputError("cannot read a file", where=where, why=why, fix="check its name")
        raise names.not_fetched(str(path)) or unread from None
    if len(raw) > MOST_BYTES:
        raise InputError(f"this file is larger than {MOST_BYTES // 2**20} MiB", where=where)
    return raw
