"""What to set where a token endpoint refuses a client: its error codes name the setting.

Source: RFC 6749, sections 5.2 and 4.1.2.1.
"""

from __future__ import annotations

from http import HTTPStatus

from clrctl.http import Answer
from clrctl.sending.client import imsx

_EXAMPLE = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.upsert"
_OTHER_STYLE = {"basic": "body", "body": "basic"}


def of_refusal(answer: Answer, scope: str, auth_style: str) -> str:
    """Return what to do about the answer of a token endpoint that granted nothing.

    Args:
        answer: what it said.
        scope: what was asked for; empty for nothing.
        auth_style: where the client secret was sent: `basic` or `body`.
    """
    code = imsx.code(answer)
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return "check token_url: no token endpoint answers there"
    if code == "invalid_request" and "scope" in imsx.explain(answer.body).casefold():
        code = "invalid_scope"
    return of_code(code, scope, auth_style) or (
        "check the client id and secret, and that they belong to this endpoint"
    )


def of_code(code: str, scope: str, auth_style: str = "") -> str:
    """Return what to do about an error code of OAuth 2.0; empty where nothing special helps.

    Args:
        code: the member `error`.
        scope: what was asked for; empty for nothing.
        auth_style: where the client secret was sent; empty where that cannot be set.
    """
    match code:
        case "invalid_scope" if scope:
            return (
                f'correct scope in the entry of the endpoint, now "{scope}": its owner knows what '
                "this client may ask for"
            )
        case "invalid_scope":
            return f"set scope in the entry of the endpoint, such as {_EXAMPLE}"
        case "invalid_client" if auth_style:
            return (
                "check the client id and secret, and that they belong to this endpoint; if they "
                f"are right, set auth_style: {_OTHER_STYLE[auth_style]} in its entry, which sends "
                "them in another place"
            )
        case "unauthorized_client" | "unsupported_grant_type" if auth_style:
            return (
                "ask the endpoint's owner to let this client use the grant client_credentials; or "
                "run clrctl auth login"
            )
        case "invalid_request" if auth_style:
            return "check scope, auth_style and token_url in the entry of the endpoint"
    return ""
