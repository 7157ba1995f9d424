"""`clrctl endpoints`: the servers that can be named, and where each setting came from."""

from __future__ import annotations

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.util import safe


def endpoints(
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """List the endpoints that --endpoint can name, and where each setting came from.

    No secret is shown, only the place it would be taken from. More endpoints are added in the
    config file; its path is printed on standard error.

    Examples:
      clrctl endpoints
      clrctl endpoints --json
    """
    from clrctl.cli import local_sandbox
    from clrctl.cli.settings import Settings
    from clrctl.sending import SANDBOX

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    settings = Settings()
    chosen = settings.chosen(None)
    rows = [
        {
            "name": endpoint.name,
            "url": endpoint.base,
            "token_url": endpoint.token_url,
            "rulesets": list(endpoint.rulesets),
            "source": endpoint.source,
            "token": settings.token_source(endpoint),
            "chosen": chosen is not None and chosen.value == endpoint.name,
        }
        for endpoint in (
            local_sandbox.located(each, settings) if each.name == SANDBOX else each
            for each in settings.endpoints()
        )
    ]
    if as_json:
        console.answer_json({"format": consoles.REPORT_FORMAT, "ok": True, "endpoints": rows})
        return
    columns = ("name", "url", "source", "token")
    console.table(columns, [[str(row[column]) for column in columns] for row in rows])
    there = "" if settings.config_path.exists() else " (not there yet)"
    console.say(f"config file: {safe(settings.config_path, limit=None)}{there}")
    if chosen is None:
        console.say("none is chosen: name one with --endpoint or CLRCTL_ENDPOINT")
    else:
        console.say(f"chosen: {safe(chosen.value)} (by {safe(chosen.source)})")
