"""The library: what `import clrctl` offers to other programs.

It prints nothing, reads no environment, no project file and no config file, opens only the files
that it is given, and fetches nothing. `clrctl/__init__.py` loads it when one of its names is first
used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from clrctl.checking import project, validation
from clrctl.document import (
    Document,
    Limits,
    Piece,
    Syntax,
    carriers,
    names,
    parse,
)
from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.finding import Finding, Json, Severity
from clrctl.signing import NotSigned
from clrctl.verifying import (
    Check,
    CredentialVerdict,
    Outcome,
    Verdict,
)

__all__ = [
    "Check",
    "ClrctlError",
    "CredentialVerdict",
    "Finding",
    "InputError",
    "NotSigned",
    "Outcome",
    "Report",
    "Severity",
    "UsageError",
    "Verdict",
    "sign",
    "validate",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one credential; iterating over it yields the findings.

    Attributes:
        findings: in the order of the text, or of the checks where there is no text.
    """

    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the credential is valid; warnings do not make it invalid."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the credential invalid."""
        return self._graded(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return self._graded(Severity.WARNING)

    def __iter__(self) -> Iterator[Finding]:
        """Iterate over the findings."""
        return iter(self.findings)

    def __len__(self) -> int:
        """Return the number of findings."""
        return len(self.findings)

    def __bool__(self) -> bool:
        """Be true even without findings; what tells whether a credential is valid is `ok`."""
        return True

    def _graded(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is severity)


def validate(
    data: dict[str, Json] | bytes | str | os.PathLike[str],
    *,
    rulesets: Iterable[str] = (project.STANDARD,),
    ignore: Iterable[str] = (),
    severity: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Report:
    """Check one credential as `clrctl validate` does.

    Args:
        data: a file, by its path as text or Path; the bytes of a document, JSON or YAML; or a
            dict, which is held to be the JSON that `json.dumps` makes of it. Findings in a dict
            have no lines and columns.
        rulesets: `standard` (CLR 2.0), `timeback` (what that endpoint takes), or both.
        ignore: codes to leave out; `area/*` means all codes of an area.
        severity: codes, or `area/*`, that count as `error` or `warning` instead.
        now: the moment that counts as today, with a time zone; None leaves out the rules that
            depend on it.

    Raises:
        InputError: the file cannot be read.
        UsageError: a ruleset, code or severity is unknown, or a code cannot be changed.
        TypeError: `data` is of another kind or holds what JSON cannot, or `now` has no zone.
        ValueError: a dict holds itself.
    """
    chosen = project.check_rulesets(tuple(rulesets), "rulesets") or (project.STANDARD,)
    policy = project.policy(
        [project.Wish(code, None, "ignore") for code in ignore],
        [
            project.Wish(code, project.grade(name, "severity"), "severity")
            for code, name in (severity or {}).items()
        ],
    )
    if now is not None and now.tzinfo is None:
        raise TypeError("now has no time zone")
    report = validation.check(_document(data), chosen, policy=policy, now=now)
    if isinstance(data, dict):
        return Report(tuple(replace(one, line=None, column=None) for one in report.findings))
    return Report(report.findings)


def sign(
    data: dict[str, Json] | bytes | str | os.PathLike[str],
    keys: Iterable[str | os.PathLike[str]],
    *,
    created: datetime,
    suite: str = "",
    children_only: bool = False,
    passphrase: str | None = None,
) -> bytes:
    """Sign one credential as `clrctl sign` does: what is inside it first, then itself.

    Args:
        data: as for `validate`.
        keys: the key files of its issuer, and of the issuers of what is inside it.
        created: the moment that the proofs tell, with a time zone.
        suite: the cryptosuite; by default the one that goes with the key.
        children_only: leave the credential itself to its publisher.
        passphrase: what encrypted key files are opened with.

    Returns:
        The document as JSON in UTF-8. But for the proofs, the bytes of a JSON document stay.

    Raises:
        NotSigned: it has errors, or cannot be signed as it is; it tells the place.
        InputError: a file cannot be read, or a key file holds no key that can be used.
        UsageError: there is no key, no passphrase, or no such suite.
        TypeError: `created` has no zone, or `data` is of another kind.
    """
    from clrctl import signing
    from clrctl.proof import files

    if created.tzinfo is None:
        raise TypeError("created has no time zone")
    document = _document(data)
    for finding in validation.check(document).findings:
        if finding.severity is Severity.ERROR:
            where = f"{document.source}:{finding.line}:{finding.column} {finding.pointer or '/'}"
            raise NotSigned(finding.message, finding.pointer, where=where, fix=finding.fix)
    secret = None if passphrase is None else passphrase.encode()
    manner = signing.SignOptions(
        [signing.key_of(files.read_path(os.fspath(key), lambda: secret)) for key in keys],
        created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        suite=signing.known_suite(suite),
        children_only=children_only,
    )
    return signing.sign(document, manner).text


def verify(
    data: dict[str, Json] | bytes | str | os.PathLike[str],
    *,
    now: datetime,
    trust: Iterable[str | os.PathLike[str]] = (),
    contexts: Mapping[str, str | os.PathLike[str]] | None = None,
) -> Verdict:
    """Verify one credential, and every other in it, as `clrctl verify` does without `--online`.

    Args:
        data: a file, by its path as text or Path; the bytes of one: JSON, YAML, a signed token or
            a picture that a credential is baked into; or a dict, as for `validate`.
        now: the moment that counts as today, with a time zone.
        trust: trust files: whose keys are believed, and which files stand for which URLs.
        contexts: JSON-LD contexts that are not built in: their URL and the file of each.

    Returns:
        The verdict: `ok` tells whether all is shown to be valid; `outcome` is the worst of all.

    Raises:
        InputError: a file cannot be read, or a picture holds no credential.
        UsageError: a trust file or a context cannot be used.
        TypeError: `data` is of another kind or holds what JSON cannot, or `now` has no zone.
        ValueError: a dict holds itself.
    """
    from clrctl.verifying import Verifier, trust_file

    if now.tzinfo is None:
        raise TypeError("now has no time zone")
    named = [(url, Path(file)) for url, file in (contexts or {}).items()]
    verifier = Verifier(trust_file.read(map(Path, trust), named), now=now)
    if isinstance(data, dict):
        return verifier.verify(_document(data)).without_places()
    path = "-" if isinstance(data, bytes) else os.fspath(data)
    raw = data if isinstance(data, bytes) else _bytes_of(path)
    form = names.suffix_format(path)
    piece = Piece(path, Limits(), "yaml" if form == "yaml" else None, len(raw), raw)
    (found,) = carriers.opened([piece])
    if isinstance(found, InputError):
        raise found
    return verifier.verify(found.document, token=found.token)


def _document(data: dict[str, Json] | bytes | str | os.PathLike[str]) -> Document:
    if isinstance(data, bytes):
        return parse(data)
    if isinstance(data, dict):
        return parse(json.dumps(data).encode(), syntax="json")
    path = os.fspath(data)
    syntax: Syntax | None = "yaml" if names.suffix_format(path) == "yaml" else None
    return parse(_bytes_of(path), source=path, syntax=syntax)


def _bytes_of(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as problem:
        raise InputError(
            "cannot be read",
            where=path,
            why=getattr(problem, "strerror", None) or str(problem),
            fix="give a path; the text of a document is given as bytes",
        ) from None
