"""What an endpoint says of itself: its service description (CLR 2.0 API, getServiceDescription).

An OpenAPI 3 document, read leniently: whatever is missing in it is empty here. Its URLs are as the
server wrote them; nothing is sent to any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import orjson

from clrctl import http
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json
from clrctl.http import Answer
from clrctl.sending.auth import Session
from clrctl.sending.client import imsx
from clrctl.sending.endpoints import Endpoint

_LONGEST: Final = 10 * 2**20
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_CLOSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its `operationId`, method, path, and the scopes that it needs."""

    id: str
    method: str
    path: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """One OAuth 2.0 flow: its URLs, and the scopes that it offers."""

    authorization_url: str
    token_url: str
    refresh_url: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A service description.

    Attributes:
        url: where it was found.
        title: name of the service.
        version: its version.
        terms_url: terms of service.
        privacy_url: privacy policy.
        operations: what it does.
        flows: by their names in OpenAPI: `clientCredentials`, `authorizationCode`.
        registration_url: where clients register themselves (RFC 7591).
        revocation_url: where tokens are revoked (RFC 7009); the standard names no place for it.
    """

    url: str
    title: str = ""
    version: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    operations: tuple[Operation, ...] = ()
    flows: Mapping[str, Flow] = field(default_factory=dict)
    registration_url: str = ""
    revocation_url: str = ""


def describe(endpoint: Endpoint, client: http.Client, session: Session | None = None) -> Service:
    """Return the service description of an endpoint.

    It is public by the standard; some endpoints want the token nevertheless.

    Args:
        endpoint: the endpoint.
        client: for a request without a token.
        session: for one with a token, where that is wanted.

    Raises:
        AuthError: it is refused without a token, or with this one.
        RefusedError: there is none, or it makes no sense.
        TemporaryError: the endpoint cannot be reached, or is busy.
    """
    # The standard's path has no slash at its end, others have one.
    for url in endpoint.discovery_urls:
        answer = session.get(url, most=_LONGEST) if session else client.get(url, {}, most=_LONGEST)
        if not answer.is_redirect and answer.status != HTTPStatus.NOT_FOUND:
            break
    if answer.status != HTTPStatus.OK:
        raise _refusal(answer, f"GET {url}")
    return _service(answer, url)


def _refusal(answer: Answer, where: str) -> ClrctlError:
    why = imsx.told(answer)
    if answer.is_busy:
        return TemporaryError(
            "the endpoint is busy or failing", where=where, why=why, fix="run the command later"
        )
    if answer.status in _CLOSED:
        return AuthError(
            "the endpoint describes itself only to those with a token it knows",
            where=where,
            why=why,
            fix="set CLRCTL_TOKEN, or run clrctl auth login",
        )
    return RefusedError("this endpoint does not describe itself", where=where, why=why)


def _service(answer: Answer, url: str) -> Service:
    try:
        document = orjson.loads(answer.text)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or "openapi" not in document:
        raise RefusedError(
            "the endpoint's description of itself makes no sense",
            where=f"GET {url}",
            why=answer.flaw or "it is not an OpenAPI document in JSON",
        )
    info, schemes = _object(document, "info"), _schemes(document)
    # The standard's own documents have these in either place.
    extended = [info, *schemes]
    return Service(
        url=url,
        title=_text(info, "title"),
        version=_text(info, "version"),
        terms_url=_first(extended, "termsOfService", "x-imssf-termsOfServiceUrl"),
        privacy_url=_first(extended, "x-imssf-privacyPolicyUrl"),
        operations=tuple(_operations(_object(document, "paths"))),
        flows={name: flow for scheme in schemes for name, flow in _flows(scheme)},
        registration_url=_first(extended, "x-imssf-registrationUrl"),
        revocation_url=_first(extended, "x-imssf-revocationUrl"),
    )


def _schemes(document: Json) -> list[dict[str, Json]]:
    schemes = _object(_object(document, "components"), "securitySchemes").values()
    return [scheme for scheme in schemes if isinstance(scheme, dict)]


def _operations(paths: dict[str, Json]) -> Iterator[Operation]:
    for path in paths:
        for method in _METHODS:
            if operation := _object(_object(paths, path), method):
                scopes = tuple(_scopes(operation.get("security")))
                yield Operation(_text(operation, "operationId"), method.upper(), path, scopes)


def _scopes(security: Json) -> Iterator[str]:
    for alternative in security if isinstance(security, list) else []:
        for scopes in alternative.values() if isinstance(alternative, dict) else []:
            yield from (scope for scope in scopes if isinstance(scope, str))


def _flows(scheme: dict[str, Json]) -> Iterator[tuple[str, Flow]]:
    flows = _object(scheme, "flows")
    for name in flows:
        flow = _object(flows, name)
        yield (
            name,
            Flow(
                _text(flow, "authorizationUrl"),
                _text(flow, "tokenUrl"),
                _text(flow, "refreshUrl"),
                tuple(_object(flow, "scopes")),
            ),
        )


def _object(of: Json, name: str) -> dict[str, Json]:
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}


def _text(of: Json, name: str) -> str:
    found = of.get(name)
    return found if isinstance(found, str) else ""


def _first(objects: list[dict[str, Json]], *names: str) -> str:
    texts = (_text(one, name) for one in objects for name in names)
    return next((text for text in texts if text), "")
