"""Which parts of a credential differ from those of an earlier version that was not kept.

A fingerprint holds a salted hash for each part and the names of members, but no value. Whoever
has one can test guesses at short values, so it is to be kept as privately as ids are.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

import orjson

from clrctl.checking import ORDERED
from clrctl.document import canonical
from clrctl.finding import Json, pointer

_SALT = 8
_HASH = 5

# What stands under these names is looked into; every other value is one part.
_ALONE = ("credentialSubject", "achievement")
_IN_SETS = ("verifiableCredential", "result")
_OPENED = (*_ALONE, *_IN_SETS)

_Tree: TypeAlias = "bytes | dict[str, _Tree] | list[_Tree]"
"""A credential with a hash in the place of each part."""

_Path: TypeAlias = tuple[str | int, ...]


def of(data: Json) -> bytes:
    """Return the fingerprint of a credential; no two are alike, even of the same credential.

    Parts are the members of the credential and of its subject; of each nested credential its
    members and those of its subject and achievement; and each result.
    """
    salt = os.urandom(_SALT)
    hashes: list[bytes] = []
    skeleton = _skeleton(_Hasher(salt).tree(data), hashes)
    return salt + zlib.compress(orjson.dumps(skeleton), 9) + b"".join(hashes)


def changed(old: bytes, data: Json) -> list[str]:
    """Return JSON Pointers to the parts that differ from those of an earlier version.

    Order counts no more than in `compare`. Nested credentials are the same where their ids are.

    Args:
        old: the fingerprint of the earlier version.
        data: the credential as it is now.

    Returns:
        Pointers into the credential as it is now; those of parts that are gone lead to where they
        were. Only `""`, the whole document, where the fingerprint cannot be read.
    """
    reader = zlib.decompressobj()
    try:
        skeleton = orjson.loads(reader.decompress(old[_SALT:]))
    except (zlib.error, ValueError):
        return [""]
    rest = reader.unused_data
    hashes = (rest[at : at + _HASH] for at in range(0, len(rest), _HASH))
    before = _filled(skeleton, hashes)
    after = _Hasher(old[:_SALT]).tree(data)
    return list(dict.fromkeys(pointer(path) for path in _differ(before, after, (), ())))


class _Hasher:
    def __init__(self, salt: bytes) -> None:
        self._salt = salt

    def tree(self, value: Json, name: str = "") -> _Tree:
        """Return the tree of the value of a member with this name; of a whole one without."""
        if name and name not in _OPENED:
            return self._hash(value, name)
        if isinstance(value, list):
            return [self._entry(item, name, alone=len(value) == 1) for item in value]
        return self._entry(value, name, alone=True)

    def _entry(self, item: Json, name: str, *, alone: bool) -> _Tree:
        """In a set there is nothing to find an entry by but its id, or else all that it says."""
        is_found = alone and name not in _IN_SETS
        if isinstance(item, dict) and (is_found or "id" in item):
            return {key: self.tree(value, key) for key, value in item.items()}
        return self._hash(item, name)

    def _hash(self, value: Json, name: str) -> bytes:
        if isinstance(value, str):
            plain = orjson.dumps(value)  # the canonical form of any text
        else:
            plain = canonical.encode(_in_order(value, name))
        return hashlib.blake2b(plain, digest_size=_HASH, key=self._salt).digest()


def _in_order(value: Json, name: str) -> Json:
    """Return what is the same for all values that `compare` takes for equal."""
    if isinstance(value, dict):
        return {key: _in_order(item, key) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items = [_in_order(item, name) for item in value]
    if len(items) == 1:
        return items[0]
    return items if name in ORDERED else sorted(items, key=canonical.encode)


def _skeleton(tree: _Tree, hashes: list[bytes]) -> Json:
    """Return a tree with zeros for its hashes, which are added to the list in their order."""
    if isinstance(tree, dict):
        return {name: _skeleton(branch, hashes) for name, branch in tree.items()}
    if isinstance(tree, list):
        return [_skeleton(branch, hashes) for branch in tree]
    hashes.append(tree)
    return 0


def _filled(skeleton: Json, hashes: Iterator[bytes]) -> _Tree:
    """Return the tree that `_skeleton` was made of."""
    if isinstance(skeleton, dict):
        return {name: _filled(branch, hashes) for name, branch in skeleton.items()}
    if isinstance(skeleton, list):
        return [_filled(branch, hashes) for branch in skeleton]
    return next(hashes, b"")


def _differ(old: _Tree, new: _Tree, was: _Path, now: _Path) -> Iterator[_Path]:
    before, after = _entries(old, was), _entries(new, now)
    if len(before) == len(after) == 1:
        yield from _differ_alone(*before[0], *after[0])
        return
    known, found = _by_identity(before), _by_identity(after)
    for identity, (path, branch) in found.items():
        if identity in known:
            yield from _differ_alone(*known[identity], path, branch)
        else:
            yield path
    yield from (path for identity, (path, _) in known.items() if identity not in found)


def _differ_alone(was: _Path, old: _Tree, now: _Path, new: _Tree) -> Iterator[_Path]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name, branch in new.items():
            if name in old:
                yield from _differ(old[name], branch, (*was, name), (*now, name))
            else:
                yield (*now, name)
        yield from ((*was, name) for name in old if name not in new)
    elif old != new:
        yield now


def _entries(tree: _Tree, path: _Path) -> list[tuple[_Path, _Tree]]:
    """Return the entries of a set with their paths; a lone value is a set of one."""
    if isinstance(tree, list):
        return [((*path, index), branch) for index, branch in enumerate(tree)]
    return [(path, tree)]


def _by_identity(
    entries: list[tuple[_Path, _Tree]],
) -> dict[tuple[object, int], tuple[_Path, _Tree]]:
    """Return entries by what they are found by: hash of id or of all; of equal ones a number."""
    seen: Counter[object] = Counter()
    found: dict[tuple[object, int], tuple[_Path, _Tree]] = {}
    for path, branch in entries:
        identity = branch.get("id") if isinstance(branch, dict) else branch
        seen[identity] += 1
        found[identity, seen[identity]] = path, branch
    return found
