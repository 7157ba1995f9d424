"""The service description: a profiled OpenAPI 3.0 document (CLR 2.0, getServiceDescription).

It describes what this sandbox does and nothing that it does not.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from clrctl.finding import Json
from clrctl.sandbox.answers import json_response
from clrctl.sandbox.contract import (
    AUTHORIZE_PATH,
    MARKER,
    REGISTER_PATH,
    REVOKE_PATH,
    STORE,
    TOKEN_PATH,
)
from clrctl.sandbox.store import Store
from clrctl.standard import API_PATH

_SCOPES = "https://purl.imsglobal.org/spec/clr/v2p0/scope/"
_READ, _UPSERT = f"{_SCOPES}credential.readonly", f"{_SCOPES}credential.upsert"
_OFFLINE = f"{_SCOPES}offline_access"
_SECURITY = "OAuth2"


class DiscoveryApi:
    """Serves the description of a sandbox with this store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def discover(self, request: Request) -> Response:
        """Return the service description; no token is asked for."""
        base = str(request.base_url).rstrip("/")
        store = await run_in_threadpool(lambda: self._store.id)
        return json_response(_description(base, store), headers={"Cache-Control": "no-store"})


def _description(base: str, store: str) -> dict[str, Json]:
    return {
        "openapi": "3.0.1",
        MARKER: True,
        STORE: store,
        "info": {
            "title": "clrctl sandbox",
            "description": "A CLR 2.0 endpoint for trying things out. It signs nothing.",
            "version": "2.0",
            "termsOfService": f"{base}/",
            "x-imssf-privacyPolicyUrl": f"{base}/",
            "x-imssf-image": f"{base}/logo.svg",
        },
        "servers": [{"url": f"{base}{API_PATH}"}],
        "paths": {
            "/credentials": {"get": _operation("getCredentials", _READ, 200)},
            "/credentials/": {"post": _operation("upsertCredential", _UPSERT, 200, 201)},
            "/discovery": {"get": _operation("getServiceDescription", None, 200)},
        },
        "components": {"securitySchemes": {_SECURITY: _security_scheme(base)}},
    }


def _security_scheme(base: str) -> dict[str, Json]:
    scopes = {_READ: "read stored credentials", _UPSERT: "create or replace a credential"}
    token_url = f"{base}{TOKEN_PATH}"
    return {
        "type": "oauth2",
        "x-imssf-registrationUrl": f"{base}{REGISTER_PATH}",
        # The standard has no place for this one.
        "x-imssf-revocationUrl": f"{base}{REVOKE_PATH}",
        "flows": {
            "clientCredentials": {"tokenUrl": token_url, "scopes": scopes},
            "authorizationCode": {
                "authorizationUrl": f"{base}{AUTHORIZE_PATH}",
                "tokenUrl": token_url,
                "refreshUrl": token_url,
                "scopes": scopes | {_OFFLINE: "stay signed in"},
            },
        },
    }


def _operation(name: str, scope: str | None, *statuses: int) -> dict[str, Json]:
    answers = {str(status): {"description": "success"} for status in statuses}
    operation: dict[str, Json] = {
        "operationId": name,
        "responses": answers | {"default": {"description": "an imsx_StatusInfo"}},
    }
    if scope:
        operation["security"] = [{_SECURITY: [scope]}]
    return operation
