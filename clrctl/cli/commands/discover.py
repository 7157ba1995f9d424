"""`clrctl discover`: what an endpoint says of itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import AuthError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.cli.settings import Settings
    from clrctl.sending import Endpoint, Service

_FLOWS = {
    "authorizationCode": "people sign in, in the browser (authorization code)",
    "clientCredentials": "programs, with client credentials",
}


def discover(
    endpoint: options.Endpoint = None,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Show what an endpoint says of itself: its operations, scopes, and where tokens come from.

    It is asked without a token, and with one where it wants one. Nothing that it names is used.

    Examples:
      clrctl discover --endpoint sandbox
      clrctl discover --endpoint https://clr.example.org --json
    """
    from clrctl.cli.settings import Settings

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    settings = Settings()
    found = _described(settings, settings.endpoint(endpoint))
    if as_json:
        console.answer_json(
            {"format": consoles.REPORT_FORMAT, "ok": True, "service": asdict(found)}
        )
        return
    for name, value in _facts(found):
        console.answer((f"{name:<13}", "bold"), f" {safe(value, limit=None)}")


def _described(settings: Settings, target: Endpoint) -> Service:
    from clrctl import http
    from clrctl.cli import local_sandbox
    from clrctl.sending import Session, discovery

    with contextlib.ExitStack() as stack:
        target = local_sandbox.located(target, settings)
        client = stack.enter_context(http.Client(link=http.Link(target.network)))
        if target.public_credentials:
            access = settings.credentials(target)
            target, _, _ = stack.enter_context(local_sandbox.reachable(target, access, settings))
        try:
            return discovery.describe(target, client)
        except AuthError:
            if settings.token_source(target) == "none":
                raise
        return discovery.describe(target, client, Session(settings.credentials(target), client))


def _facts(found: Service) -> Iterator[tuple[str, str]]:
    single = (
        ("service", f"{found.title} {found.version}".strip()),
        ("described at", found.url),
        ("terms", found.terms_url),
        ("privacy", found.privacy_url),
    )
    yield from ((name, value) for name, value in single if value)
    for operation in found.operations:
        scopes = ", ".join(operation.scopes)
        needs = f"  needs {scopes}" if scopes else ""
        yield "operation", f"{operation.method} {operation.path}  {operation.id}{needs}"
    for name, flow in found.flows.items():
        yield "tokens for", _FLOWS.get(name, name)
        urls = (("sign in", flow.authorization_url), ("tokens", flow.token_url))
        yield from ((f"  {use}", url) for use, url in urls if url)
        yield from (("  scope", scope) for scope in flow.scopes)
    ends = (("registration", found.registration_url), ("revocation", found.revocation_url))
    yield from ((name, value) for name, value in ends if value)
