"""The first half of the authorization code grant: a program registers, then a person agrees.

(RFC 7591; RFC 6749, section 4.1; RFC 7636.) Nobody signs in: whoever sits at this machine may
agree, by a click. The second half, from code to token, is `clrctl.sandbox.tokens`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clrctl.finding import Json
from clrctl.sandbox.answers import Refusal, json_response, read_body
from clrctl.sandbox.grants import CODE_LIFE, Grant, Grants, RegisteredClient, is_redirect
from clrctl.sandbox.page import page
from clrctl.util import element

BODY_LIMIT: Final = 64 * 1024
_SHORTEST_CHALLENGE: Final = 43
# Browsers hold the redirect that answers a form to this as well.
_FORM_TARGETS: Final = "'self' http://127.0.0.1:* http://localhost:*"


@dataclass(frozen=True, slots=True)
class AuthorizationApi:
    """Registers clients, and asks people to agree.

    Attributes:
        grants: where clients and codes are kept.
        clock: returns the time, in UTC.
    """

    grants: Grants
    clock: Callable[[], datetime]

    async def register(self, request: Request) -> Response:
        """Register a client (RFC 7591, section 3)."""
        body = await read_body(request, BODY_LIMIT)
        try:
            metadata = json.loads(body)
        except (ValueError, RecursionError):
            metadata = None
        if not isinstance(metadata, dict):
            return _refused("invalid_client_metadata", "the body must be a JSON object")
        uris = metadata.get("redirect_uris")
        if not isinstance(uris, list) or not uris or not all(map(is_redirect, uris)):
            return _refused("invalid_redirect_uri", "https, or http on this machine, is needed")
        client = self.grants.register(uris)
        answer = {
            "client_id": client.id,
            "client_secret": client.secret,
            "client_id_issued_at": int(self.clock().timestamp()),
            "client_secret_expires_at": 0,
            "token_endpoint_auth_method": "client_secret_basic",
        }
        return json_response(metadata | answer, 201, {"Cache-Control": "no-store"})

    async def ask(self, request: Request) -> Response:
        """Show a page with the question, or answer a request that cannot be granted."""
        asked = dict(request.query_params)
        client, flaw = self._known(asked), _flaw(asked)
        if flaw:
            return _back(asked, {"error": flaw})
        return page(
            "Allow access?",
            element("p", f"The program {client.id} on this machine asks for:", class_="lead"),
            element("ul", *(element("li", scope) for scope in asked.get("scope", "").split())),
            element(
                "form",
                element("button", "Allow", name="answer", value="allow"),
                element("button", "Deny", name="answer", value="deny"),
                method="post",
                action=f"{request.url.path}?{request.url.query}",
            ),
            form_action=_FORM_TARGETS,
        )

    async def answer(self, request: Request) -> Response:
        """Send the browser back to the client, with a code or without."""
        asked = dict(request.query_params)
        client, flaw = self._known(asked), _flaw(asked)
        form = dict(parse_qsl((await read_body(request, BODY_LIMIT)).decode("latin-1")))
        if flaw or form.get("answer") != "allow":
            return _back(asked, {"error": flaw or "access_denied"})
        grant = Grant(
            client.id,
            asked.get("scope", ""),
            asked["redirect_uri"],
            asked["code_challenge"],
            self.clock() + CODE_LIFE,
        )
        return _back(asked, {"code": self.grants.add_code(grant)})

    def _known(self, asked: Mapping[str, str]) -> RegisteredClient:
        """Return the client; an unknown one is never redirected to (RFC 6749, 4.1.2.1)."""
        client = self.grants.client(asked.get("client_id", ""))
        if client is None:
            raise Refusal(400, "the client is unknown; it may have to register again")
        if not client.may_redirect(asked.get("redirect_uri", "")):
            raise Refusal(400, "redirect_uri is not one that the client registered")
        return client


def _flaw(asked: Mapping[str, str]) -> str:
    """Return the error code of a request that cannot be granted, or nothing."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    proved = asked.get("code_challenge_method") == "S256"
    if not proved or len(asked.get("code_challenge", "")) < _SHORTEST_CHALLENGE:
        return "invalid_request"
    return "" if asked.get("state") else "invalid_request"


def _back(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    uri = asked["redirect_uri"]
    state = {"state": asked["state"]} if "state" in asked else {}
    query = urlencode({**answer, **state})
    # 303 turns the form's POST into a GET (RFC 9110, section 15.4.4).
    return RedirectResponse(f"{uri}{'&' if '?' in uri else '?'}{query}", 303)


def _refused(code: str, description: str) -> Response:
    body: Json = {"error": code, "error_description": description}
    return json_response(body, 400, {"Cache-Control": "no-store"})
