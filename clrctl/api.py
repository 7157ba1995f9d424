"""The library: what `import clrctl` offers to other programs.

It prints nothing, reads no environment, no project file and no config file, knows no clock, opens
only the files that it is given, and fetches nothing. The commands are thin over these functions.
`clrctl/__init__.py` loads this module when one of its names is first used.

A function that takes one document or many returns one result, or an iterator of results in the
order of the inputs. Of many, what cannot be read is an `InputError` in its place. Results are
frozen and pickle. `executor` is a `concurrent.futures.Executor`, or what has its `submit`: it gets
work once there is more of it than starting processes takes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from clrctl.document import (
    Carried,
    Document,
    Executor,
    InputFormat,
    Limits,
    Piece,
    Syntax,
    carriers,
    find,
    names,
    parallel,
    parse,
)
from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.finding import Finding, Json, Report

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from clrctl.building import BuildResult, OutputFolder, Placed, Source, When
    from clrctl.proof import Contexts
    from clrctl.sending import Credentials, Endpoint, OwnSandbox, Upload, UpsertOptions
    from clrctl.showing import Transcript
    from clrctl.signing import IssuerKey, Signed
    from clrctl.util import Secret
    from clrctl.verifying import Verdict

Name: TypeAlias = str | os.PathLike[str]
"""The path of a file; of many inputs also of a folder, or a pattern such as `records/*.json`."""

Given: TypeAlias = dict[str, Json] | bytes | Name
"""A document: the path of its file, its bytes, or a dict: the JSON that `json.dumps` makes."""

Many: TypeAlias = Iterable[Given | Piece | InputError]
"""Several documents; what `clrctl.document.find` yields is taken as it is."""

_ONE = (dict, bytes, str, os.PathLike)
_NAME = (str, os.PathLike)


@overload
def validate(  # type: ignore[overload-overlap]
    data: Given,
    *,
    rulesets: Iterable[str] = ...,
    ignore: Iterable[str] = ...,
    severity: Mapping[str, str] | None = ...,
    now: datetime | None = ...,
) -> Report: ...
@overload
def validate(
    data: Many,
    *,
    rulesets: Iterable[str] = ...,
    ignore: Iterable[str] = ...,
    severity: Mapping[str, str] | None = ...,
    now: datetime | None = ...,
    executor: Executor | None = ...,
) -> Generator[Report | InputError, None, None]: ...
def validate(
    data: Given | Many,
    *,
    rulesets: Iterable[str] = ("standard",),
    ignore: Iterable[str] = (),
    severity: Mapping[str, str] | None = None,
    now: datetime | None = None,
    executor: Executor | None = None,
) -> Report | Generator[Report | InputError, None, None]:
    """Check one credential, or many, as `clrctl validate` does.

    >>> clrctl.validate("samples/transcript.clr.json").ok
    True
    >>> [report.ok for report in clrctl.validate(["samples/minimal.clr.json", b"{}"])]
    [True, False]

    Args:
        data: a file, by its path as text or Path; the bytes of a document, JSON or YAML; or a
            dict, whose findings have no lines and columns. Or an iterable of those, in which
            folders and patterns stand for their files, and files of lines for their lines.
        rulesets: `standard` (CLR 2.0), `timeback` (what that endpoint takes), or both.
        ignore: codes to leave out; `area/*` means all codes of an area.
        severity: codes, or `area/*`, that count as `error` or `warning` instead.
        now: the moment that counts as today, with a time zone; None leaves out the rules that
            depend on it.
        executor: spreads the work on many documents.

    Returns:
        The report; of many an iterator of reports, each with the bytes of its document if there
        are findings.

    Raises:
        InputError: the file cannot be read.
        UsageError: a ruleset, code or severity is unknown, or a code cannot be changed.
        TypeError: `data` is of another kind or holds what JSON cannot, or `now` has no zone.
        ValueError: a dict holds itself.
        ClrctlError: a worker of the executor died.
    """
    from clrctl.checking import ValidateOptions, check_all, project, validation

    wishes = [project.Wish(code, None, "ignore") for code in _several(ignore)]
    grades = [
        project.Wish(code, project.grade(name, "severity"), "severity")
        for code, name in (severity or {}).items()
    ]
    options = ValidateOptions(
        project.check_rulesets(_several(rulesets), "rulesets") or (project.STANDARD,),
        project.policy(wishes, grades),
        None if now is None else _zoned(now, "now"),
    )
    if not isinstance(data, _ONE):
        return check_all(_pieces(data), options, executor=executor)
    report = validation.check(
        _document(data), options.rulesets, policy=options.policy, now=options.now
    )
    if isinstance(data, dict):
        return replace(report, findings=_unplaced(report.findings))
    return report


@overload
def verify(  # type: ignore[overload-overlap]
    data: Given,
    *,
    now: datetime,
    trust: Name | Iterable[Name] = ...,
    contexts: Mapping[str, Name] | None = ...,
    fetch: Callable[[str], bytes] | None = ...,
) -> Verdict: ...
@overload
def verify(
    data: Many,
    *,
    now: datetime,
    trust: Name | Iterable[Name] = ...,
    contexts: Mapping[str, Name] | None = ...,
    fetch: Callable[[str], bytes] | None = ...,
    executor: Executor | None = ...,
) -> Generator[Verdict | InputError, None, None]: ...
def verify(
    data: Given | Many,
    *,
    now: datetime,
    trust: Name | Iterable[Name] = (),
    contexts: Mapping[str, Name] | None = None,
    fetch: Callable[[str], bytes] | None = None,
    executor: Executor | None = None,
) -> Verdict | Generator[Verdict | InputError, None, None]:
    """Verify one credential, or many, and every other in them, as `clrctl verify` does.

    >>> now = datetime(2026, 12, 1, tzinfo=UTC)
    >>> trust = ["samples/signed/trust.yaml"]
    >>> clrctl.verify("samples/signed/workforce.clr.json", now=now, trust=trust).outcome.value
    'valid'

    Args:
        data: a file, by its path as text or Path; the bytes of one: JSON, YAML, a signed token or
            a picture that a credential is baked into; or a dict. Or an iterable, as for `validate`.
        now: the moment that counts as today, with a time zone.
        trust: trust files: whose keys are believed, and which files stand for which URLs.
        contexts: JSON-LD contexts that are not built in: their URL and the file of each.
        fetch: returns what lies at an https URL, such as an issuer's document; by default nothing
            is fetched. With it many documents are verified in this process.
        executor: spreads the work on many documents.

    Returns:
        The verdict: `ok` tells whether all is shown to be valid; `outcome` is the worst of all.
        Of many an iterator of verdicts.

    Raises:
        InputError: a file cannot be read, or a picture holds no credential.
        UsageError: a trust file or a context cannot be used.
        TypeError: `data` is of another kind or holds what JSON cannot, or `now` has no zone.
        ValueError: a dict holds itself.
        ClrctlError: a worker of the executor died.
    """
    from clrctl.verifying import Verifier, VerifyOptions, offline, trust_file, verdicts

    named = tuple((url, Path(file).absolute()) for url, file in (contexts or {}).items())
    options = VerifyOptions(
        _zoned(now, "now"), tuple(Path(file).absolute() for file in _several(trust)), named
    )
    if not isinstance(data, _ONE):
        pieces = _pieces(data, also=carriers.SUFFIXES)
        return verdicts(pieces, options, fetch=fetch or offline, executor=executor)
    trusted = trust_file.read(options.trust_files, named)
    verifier = Verifier(replace(trusted, fetch=fetch) if fetch else trusted, now=now)
    if isinstance(data, dict):
        return verifier.verify(_document(data)).without_places()
    carried = _carried(data)
    return verifier.verify(carried.document, token=carried.token)


@overload
def sign(  # type: ignore[overload-overlap]
    data: Given,
    keys: Name | IssuerKey | Iterable[Name | IssuerKey],
    *,
    created: datetime | str,
    suite: str = ...,
    children_only: bool = ...,
    allow_unsigned: bool = ...,
    mandatory: Sequence[str] = ...,
    jwt: bool = ...,
    contexts: Contexts | None = ...,
    passphrase: str | None = ...,
) -> bytes: ...
@overload
def sign(
    data: Many,
    keys: Name | IssuerKey | Iterable[Name | IssuerKey],
    *,
    created: datetime | str,
    suite: str = ...,
    children_only: bool = ...,
    allow_unsigned: bool = ...,
    mandatory: Sequence[str] = ...,
    jwt: bool = ...,
    contexts: Contexts | None = ...,
    passphrase: str | None = ...,
    executor: Executor | None = ...,
) -> Generator[Signed | ClrctlError, None, None]: ...
def sign(
    data: Given | Many,
    keys: Name | IssuerKey | Iterable[Name | IssuerKey],
    *,
    created: datetime | str,
    suite: str = "",
    children_only: bool = False,
    allow_unsigned: bool = False,
    mandatory: Sequence[str] = (),
    jwt: bool = False,
    contexts: Contexts | None = None,
    passphrase: str | None = None,
    executor: Executor | None = None,
) -> bytes | Generator[Signed | ClrctlError, None, None]:
    """Sign one credential, or many, as `clrctl sign` does: what is inside first, then itself.

    >>> created = datetime(2026, 6, 12, tzinfo=UTC)
    >>> signed = clrctl.sign("samples/transcript.clr.json", ["issuer.jwk"], created=created)
    >>> b'"proof"' in signed
    True

    Args:
        data: as for `validate`.
        keys: the key files of its issuer, and of the issuers of what is inside it.
        created: the moment that the proofs name, with a time zone; or RFC 3339 text.
        suite: the cryptosuite; by default the one that goes with the key.
        children_only: leave the credential itself to its publisher.
        allow_unsigned: leave what is inside unsigned where the key of its issuer is not there.
        mandatory: with `ecdsa-sd-2023`: JSON Pointers to what is always shown.
        jwt: make a signed token (VC-JWT) of the credential, in the place of a proof in it.
        contexts: the JSON-LD contexts that are known; those built in by default.
        passphrase: what encrypted key files are opened with.
        executor: spreads the work on many documents. The secret keys are handed over to its
            workers, inside of nothing that is printed or logged.

    Returns:
        The document as JSON in UTF-8. But for the proofs, the bytes of a JSON document stay. Of
        many an iterator of `Signed`, or in its place why a document is not signed.

    Raises:
        NotSigned: it has errors, or cannot be signed as it is; it names the place.
        InputError: a file cannot be read, or a key file holds no key that can be used.
        UsageError: there is no key, no passphrase, or no such suite.
        TypeError: `created` has no zone, or `data` is of another kind.
        ClrctlError: a worker of the executor died.
    """
    from clrctl.signing import SignOptions, known_suite, sign_all, sign_checked

    if isinstance(created, datetime):
        created = _zoned(created, "created").astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    options = SignOptions(
        _keys(keys, passphrase),
        created,
        suite=known_suite(suite),
        children_only=children_only,
        allow_unsigned=allow_unsigned,
        mandatory=tuple(mandatory),
        contexts=contexts,
        token=jwt,
    )
    if not isinstance(data, _ONE):
        return sign_all(_pieces(data), options, executor=executor)
    return sign_checked(_document(data), options).text


def build(
    sources: Name | Source | Iterable[Name | Source],
    *,
    now: datetime,
    id_secret: str | Secret | None = None,
    recipe: Name = "",
    sheet: str = "",
    as_of: str | When | None = None,
    images: Literal["embed", "url", "none"] = "embed",
    mirror: bool = True,
    keys: Name | IssuerKey | Iterable[Name | IssuerKey] = (),
    children_only: bool = False,
    passphrase: str | None = None,
    executor: Executor | None = None,
) -> Generator[BuildResult, None, None]:
    """Build records, as `clrctl build` does, and yield what becomes of each in their order.

    >>> now = datetime(2026, 12, 1, tzinfo=UTC)
    >>> for built in clrctl.build("samples/recipe.yaml", now=now, id_secret="0" * 32):
    ...     print(built.learner, len(built.text) > 0)
    cm-0031 True

    Args:
        sources: recipes, folders of tables, workbooks, OneRoster exports.
        now: the moment that counts as today, with a time zone; for warnings alone.
        id_secret: what ids of persons depend on; without one they can be guessed.
        recipe: recipe or mapping for sources that need one beside them.
        sheet: sheet of a workbook.
        as_of: the day or moment that all records are about, in the place of their own.
        images: embed them, keep their addresses only, or none.
        mirror: list in the record also the achievements that its awards hold.
        keys: sign each record with these keys, as `sign` does, dated with its `validFrom`.
        children_only: leave the record itself to its publisher.
        passphrase: what encrypted key files are opened with.
        executor: spreads the work over its workers; the bytes are those of one process. Secrets
            are handed over to the workers, inside of nothing that is printed or logged.

    Returns:
        An iterator of `Built`; `NotBuilt` with its problems, in the place of a record or of a whole
        source; `Skipped` for rows left out on purpose; and `Note`.

    Raises:
        UsageError: a source is of no known kind, `as_of` is no date, or `id_secret` is shorter than
            16 characters.
        TypeError: `now` has no zone, or an argument is of another kind.
        InputError: a source or a key cannot be read.
        ClrctlError: a worker of the executor died.
    """
    from clrctl.building import (
        BuildOptions,
        EmitOptions,
        ImagePolicy,
        Source,
        build_sources,
        kind_of,
        opened,
    )
    from clrctl.signing import SignOptions

    given = (sources,) if isinstance(sources, Source) else _several(sources)
    found = [
        one
        if isinstance(one, Source)
        else opened(os.fspath(one), recipe=os.fspath(recipe), sheet=sheet)
        for one in given
    ]
    known = _keys(keys, passphrase)
    options = BuildOptions(
        _zoned(now, "now"),
        _when(as_of) if isinstance(as_of, str) else as_of,
        EmitOptions(_secret(id_secret), ImagePolicy(images), mirror),
        SignOptions(known, children_only=children_only) if known else None,
    )
    return build_sources([(one, kind_of(one)) for one in found], options, executor=executor)


def write_records(
    results: Iterable[BuildResult],
    folder: Name,
    *,
    id_secret: str | Secret | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> Iterator[Placed | BuildResult]:
    """Write built records into a folder, one file for each learner, as `clrctl build -o` does.

    A file is written whole or not at all, and only when what it says has changed. The folder's
    `clrctl.lock` is written at the end, however the iteration ends.

    Args:
        results: what `build` yields.
        folder: created where it is missing.
        id_secret: the secret of the build; a folder that was built with another one is refused.
        force: replace what could not be replaced otherwise, and write what did not change.
        dry_run: write nothing.

    Returns:
        An iterator of `Placed` for what is in its place, `NotBuilt` for what may not be written,
        and of all else that `build` yields.

    Raises:
        InputError: a file or the lock cannot be read or written.
        UsageError: the folder was built with another secret.
    """
    from clrctl.building import OutputFolder, ids

    place = OutputFolder(
        Path(folder), ids.fingerprint(_secret(id_secret)), force=force, dry=dry_run
    )
    return _placed(results, place)


def _placed(results: Iterable[BuildResult], place: OutputFolder) -> Iterator[Placed | BuildResult]:
    from clrctl.building import Built, NotBuilt

    try:
        for result in results:
            outcome = place.put(result) if isinstance(result, Built) else result
            if isinstance(outcome, NotBuilt) and outcome.learner:
                place.missed(outcome.learner)
            yield outcome
    finally:
        # What was written is known to the next build, however this one ends.
        place.finish()


def upsert(
    inputs: Given | Many,
    *,
    endpoint: Endpoint | str,
    credentials: Credentials | str,
    now: datetime,
    options: UpsertOptions | None = None,
    journal: Name | None = None,
    trust: Name | Iterable[Name] = (),
    limits: Limits | None = None,
    input_format: InputFormat | None = None,
    executor: Executor | None = None,
) -> Upload:
    """Check credentials, and return the upload that stores them as `clrctl upsert` does.

    Every input is checked here, under the rulesets of the endpoint; nothing is sent before the
    upload is iterated over. It yields a `Delivery` for each credential as soon as it is known what
    became of it.

    >>> now = datetime(2026, 12, 1, tzinfo=UTC)
    >>> with clrctl.running_sandbox("sandbox.db") as box:
    ...     upload = clrctl.upsert(
    ...         ["samples/minimal.clr.json"],
    ...         endpoint=box.endpoint, credentials=box.credentials, now=now, journal="journal",
    ...     )
    ...     [delivery.outcome.value for delivery in upload]
    ['created']

    Args:
        inputs: as for `validate`.
        endpoint: where to: an `Endpoint`, or its base URL.
        credentials: an access token, or what fetches one.
        now: the moment that counts as today, with a time zone.
        options: how credentials are stored.
        journal: folder for the record of what was sent: what is stored is not sent again. Without
            one, all is sent.
        trust: trust files: whose keys are believed, for the proofs in what is sent.
        limits: those that the inputs are read with.
        input_format: what all inputs are read as.
        executor: spreads the checking; sending is done here.

    Returns:
        The upload, checked. Iterating over it raises `NotSent` where inputs have errors, unless
        the options say to keep going.

    Raises:
        UsageError: the URL or a trust file cannot be used.
        InputError: a file cannot be read again, or there is no room to keep what is to be sent.
        TypeError: `now` has no zone.
        ClrctlError: a worker of the executor died.
    """
    from clrctl.sending import Bodies, StaticToken, Upload, UpsertOptions, endpoint_from_url
    from clrctl.util import Secret
    from clrctl.verifying import Signatures

    if isinstance(endpoint, str):
        endpoint = endpoint_from_url(endpoint, source="endpoint")
    if isinstance(credentials, str):
        credentials = StaticToken(Secret(credentials), "credentials")
    limits = limits or Limits()
    upload = Upload(
        _pieces(
            [inputs] if isinstance(inputs, _ONE) else inputs,
            limits=limits,
            input_format=input_format,
        ),
        endpoint,
        credentials=credentials,
        journal=None if journal is None else Path(journal),
        options=options or UpsertOptions(),
        signatures=Signatures.under([Path(file) for file in _several(trust)], _zoned(now, "now")),
        bodies=Bodies(limits, input_format),
        now=now,
    )
    try:
        upload.check(executor)
    except BaseException:
        upload.close()
        raise
    return upload


def running_sandbox(database: Name) -> AbstractContextManager[OwnSandbox]:
    """Run a sandbox on this machine for the time of a context: an endpoint to try things out.

    Args:
        database: file to keep the credentials in; created where needed.

    Returns:
        A context that yields an object with `endpoint` and `credentials`, for `upsert`.

    Raises:
        UsageError: the packages of the extra `sandbox` are missing.
        InputError: the file cannot be used.
    """
    from clrctl import sending

    return sending.running_sandbox(Path(database))


def transcript(data: Given | Carried, *, now: datetime) -> Transcript:
    """Return what a credential says, as the transcript that it is.

    >>> now = datetime(2026, 12, 1, tzinfo=UTC)
    >>> shown = clrctl.transcript("samples/minimal.clr.json", now=now)
    >>> shown.name, len(shown.awards)
    ('Course record of Ash Sample', 1)
    >>> print(shown.text().splitlines()[0])
    Course record of Ash Sample

    Args:
        data: a file, by its path as text or Path; the bytes of one: JSON, YAML, a signed token or
            a picture that a credential is baked into; or a dict.
        now: the moment that counts as today, with a time zone.

    Raises:
        InputError: the file cannot be read, or a picture holds no credential.
        Unshowable: there is no credential in it.
        TypeError: `data` is of another kind, or `now` has no zone.
    """
    from clrctl.showing import transcript_of, unshowable

    if isinstance(data, dict):
        document = _document(data)
        carried = Carried(document, document.raw)
    else:
        carried = data if isinstance(data, Carried) else _carried(data)
    problem = unshowable(carried)
    if problem is not None:
        raise problem
    return transcript_of(carried, now=_zoned(now, "now"))


# --- what was given -----------------------------------------------------------------------------


def _zoned(moment: Any, name: str) -> datetime:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        given = "without one" if isinstance(moment, datetime) else type(moment).__name__
        raise TypeError(
            f"{name} has to be a datetime with a time zone, such as datetime.now(UTC), not {given}"
        )
    return moment


def _several(given: Any) -> tuple[Any, ...]:
    """Return what was given as a list; one name alone is a list of one."""
    if isinstance(given, _NAME):
        return (given,)
    if isinstance(given, bytes | dict) or not isinstance(given, Iterable):
        raise TypeError(f"names are text or Path, or a list of those, not {type(given).__name__}")
    return tuple(given)


def _unplaced(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(one, line=None, column=None) for one in findings)


def _secret(given: str | Secret | None) -> Secret | None:
    from clrctl.building import ids
    from clrctl.util import Secret

    if given is None or isinstance(given, Secret):
        return given
    if not isinstance(given, str):
        raise TypeError(f"id_secret has to be text, not {type(given).__name__}")
    return ids.secret(given, "id_secret")


def _when(text: str) -> When:
    from clrctl.building import dates

    try:
        return dates.read(text)
    except dates.NotADate as problem:
        raise UsageError(f"as_of {text} {problem}", fix=dates.FORM) from None


def _keys(
    keys: Name | IssuerKey | Iterable[Name | IssuerKey], passphrase: str | None
) -> list[IssuerKey]:
    from clrctl.signing import IssuerKey

    keys = (keys,) if isinstance(keys, IssuerKey) else _several(keys)
    if not keys:
        return []
    from clrctl.proof import files
    from clrctl.signing import key_of

    secret = None if passphrase is None else passphrase.encode()
    return [
        key
        if isinstance(key, IssuerKey)
        else key_of(files.read_path(os.fspath(key), lambda: secret))
        for key in keys
    ]


def _pieces(
    inputs: Many,
    *,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    input_format: InputFormat | None = None,
    also: Sequence[str] = (),
) -> Iterator[Piece | InputError]:
    """Return the pieces of several inputs."""
    if not isinstance(inputs, Iterable):
        raise TypeError(f"this is no document, and not several: {type(inputs).__name__}")
    if hasattr(inputs, "read"):
        raise TypeError("an open file is no document: give its path, or what its read() returns")
    return _each(inputs, limits, input_format, also)


def _each(
    inputs: Many, limits: Limits, input_format: InputFormat | None, also: Sequence[str]
) -> Iterator[Piece | InputError]:
    for one in inputs:
        if isinstance(one, Piece | InputError):
            yield one
        elif isinstance(one, bytes):
            yield Piece("-", limits, input_format, len(one), one)
        elif isinstance(one, dict):
            raw = json.dumps(one).encode()
            yield Piece("-", limits, "json", len(raw), raw)
        else:
            yield from _found(os.fspath(one), limits, input_format, also)


def _found(
    path: str, limits: Limits, input_format: InputFormat | None, also: Sequence[str]
) -> Iterator[Piece | InputError]:
    if path == "-":
        raise UsageError("standard input is not read here", fix="give what it holds as bytes")
    return find(
        [path],
        stdin=None,
        limits=limits,
        input_format=input_format,
        block=parallel.TASK,
        also=also,
    )


def _carried(data: bytes | Name) -> Carried:
    """Return what one input carries.

    Raises:
        InputError: it cannot be read, or holds no credential.
    """
    path = "-" if isinstance(data, bytes) else os.fspath(data)
    raw = data if isinstance(data, bytes) else _bytes_of(path)
    form = names.suffix_format(path)
    piece = Piece(path, Limits(), "yaml" if form == "yaml" else None, len(raw), raw)
    (found,) = carriers.opened([piece])
    if isinstance(found, InputError):
        raise found
    return found


def _document(data: Given) -> Document:
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
        raise names.not_fetched(path) or InputError(
            "cannot be read",
            where=path,
            why=getattr(problem, "strerror", None) or str(problem),
            fix="give a path, or the document as bytes; give folders and patterns in a list",
        ) from None
