"""`clrctl auth`: log in at an endpoint, see who is logged in, log out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ClrctlError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.cli.settings import Settings
    from clrctl.sending import Cache, Login

auth = options.group(
    """Log in at endpoints, see where you are logged in, log out.

Scripts need none of this: see `clrctl upsert --help` for the other ways to give a token.

Examples:
  clrctl auth login --endpoint school
  clrctl auth status
  clrctl auth logout --endpoint school"""
)


@options.enter(auth, "login")
def login(
    endpoint: options.Endpoint = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the URL; open nothing.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            max=65535,
            min=0,
            help="Port to which the browser brings the answer, where a server fixes it.",
            show_default="any that is free",
        ),
    ] = 0,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before signing in at another server.")
    ] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Get a token for an endpoint, and keep it for later commands.

    It is fetched with client credentials where there are some and a token URL. Otherwise the
    endpoint is asked where people sign in: open the URL that is printed, agree there, and come
    back. Servers other than the endpoint's own are named and have to be confirmed.

    Examples:
      clrctl auth login --endpoint school
      clrctl auth login --endpoint https://clr.example.org --no-browser
    """
    from clrctl.cli.settings import Settings
    from clrctl.sending import login as logins

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    settings = Settings()
    target = settings.endpoint(endpoint)
    if target.public_credentials:
        console.say(f"endpoint {target.name} needs no login: its credentials are no secret")
        return
    credentials = settings.client_credentials(target) if target.token_url else None
    if credentials:
        found, secrets = logins.by_client(target, credentials)
    else:
        known = settings.client(target)
        agree, show = _agreeing(console, yes=yes), _showing(console, opens=not no_browser)
        found, secrets = logins.by_browser(target, known, agree, show, port=port)
    cache = _cache(settings, console)
    with cache.locked():
        found = cache.keep(found, secrets)
    console.say(("logged in", "bold green"), f" at endpoint {safe(target.name)}, {_ends(found)}")
    console.say(f"kept in {_place(cache, found)}")
    if (used := settings.token_source(target)) != found.source:
        console.warn(f"commands use another token before this one: {safe(used, limit=None)}")


@options.enter(auth, "status")
def status(
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    color: options.Color = Color.AUTO,
) -> None:
    """List which endpoints have a token, where it comes from, and until when it lasts.

    No token is shown, and no server is asked.

    Examples:
      clrctl auth status
      clrctl auth status --json
    """
    from clrctl.cli.settings import Settings

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, json=as_json)
    settings = Settings()
    cache = _cache(settings, console)
    kept, rows = cache.logins(), []
    for target in settings.endpoints():
        found = next((one for one in kept if one.suits(target)), None)
        source = settings.token_source(target)
        rows.append({"name": target.name, "url": target.base, "token": source} | _told(found))
        kept = [one for one in kept if one is not found]
    rows += [{"name": "", "url": one.base, "token": one.source} | _told(one) for one in kept]
    if as_json:
        console.answer_json({"format": consoles.REPORT_FORMAT, "ok": True, "endpoints": rows})
        return
    columns = ("name", "url", "token")
    console.table(columns, [[str(row[column]) for column in columns] for row in rows])
    console.say(f"logins are kept in {safe(cache.path, limit=None)}")


@options.enter(auth, "logout")
def logout(
    endpoint: options.Endpoint = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Forget the login at an endpoint, and have its server revoke it where it offers that.

    Examples:
      clrctl auth logout --endpoint school
    """
    from clrctl.cli.settings import Settings
    from clrctl.sending import login as logins

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    settings = Settings()
    target = settings.endpoint(endpoint)
    cache = _cache(settings, console)
    with cache.locked():
        found = next((one for one in cache.logins() if one.base == target.base), None)
        secrets = cache.secrets(found) if found else None
        if found:
            cache.remove(found)
    if found is None:
        console.say(f"not logged in at endpoint {safe(target.name)}")
        return
    console.say(f"logged out at endpoint {safe(target.name)}")
    try:
        if secrets:
            logins.end(target, found, secrets)
    except ClrctlError as problem:
        console.error(problem)
        console.warn(f"the server may accept the forgotten token until {found.until}")


def _cache(settings: Settings, console: Console) -> Cache:
    from clrctl.sending import Cache

    return Cache(settings.data_folder(), hint=lambda why: console.say(f"keyring not used: {why}"))


def _agreeing(console: Console, *, yes: bool) -> Callable[[Mapping[str, str], list[str]], None]:
    def agree(urls: Mapping[str, str], foreign: list[str]) -> None:
        for use, url in urls.items():
            console.say(f"{use + ':':<13} {safe(url, limit=None)}")
        if foreign and not yes:
            console.confirm(f"sign in at {' and '.join(foreign)}?", flag="--yes")

    return agree


def _showing(console: Console, *, opens: bool) -> Callable[[str], None]:
    def show(url: str) -> None:
        console.say("open this in a browser, and agree there:")
        console.answer(safe(url, limit=None))
        console.flush()
        if opens and _is_attended(console):
            import webbrowser

            webbrowser.open(url)

    return show


def _is_attended(console: Console) -> bool:
    return sys.stdin.isatty() and console.err.isatty()


def _ends(found: Login) -> str:
    return f"until {found.until}" + (", then it is renewed" if found.refresh_url else "")


def _place(cache: Cache, found: Login) -> str:
    return "the keyring" if found.in_keyring else safe(cache.path, limit=None)


def _told(found: Login | None) -> dict[str, object]:
    """Return the member `login` of a row."""
    if found is None:
        return {"login": None}
    return {
        "login": {
            "how": found.how,
            "scope": found.scope,
            "until": found.until,
            "renews": bool(found.refresh_url),
            "in_keyring": found.in_keyring,
        }
    }
