"""One answer from the browser, brought to a port of this machine (RFC 8252 section 7.3).

It knows nothing of what the answer means, and shows none of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from clrctl.errors import AuthError, UsageError
from clrctl.util import Layout, element

_HOST: Final = "127.0.0.1"
_PATH: Final = "/callback"
_SILENCE: Final = 5.0  # seconds: browsers open connections that they then do not use
_LAYOUT: Final = Layout()
_SAID: Final = "clrctl has its answer. You can close this page; the terminal shows the result."
_PAGE: Final = _LAYOUT.page("clrctl", element("p", _SAID)).encode()


class Redirect:
    """A place for the browser to bring an answer to; a context manager.

    Args:
        port: TCP port of 127.0.0.1; 0 is any that is free.

    Raises:
        UsageError: the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = _Server((_HOST, port), _Handler)
        except OSError as problem:
            raise UsageError(
                "cannot wait for the browser here",
                where=f"{_HOST} port {port}",
                why=problem.strerror or "",
                fix="give another --port, or none",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    @property
    def url(self) -> str:
        """The redirect URI."""
        return f"http://{_HOST}:{self._server.server_address[1]}{_PATH}"

    def wait(self, seconds: float) -> Mapping[str, str]:
        """Return the parameters of the first request to the URL.

        Raises:
            AuthError: none came in time.
        """
        end = time.monotonic() + seconds
        while self._server.brought is None:
            self._server.timeout = end - time.monotonic()
            if self._server.timeout <= 0:
                raise AuthError(
                    "nobody agreed in the browser",
                    why=f"no answer in {seconds:g} seconds",
                    fix="run clrctl auth login again, and open the URL that it shows",
                )
            self._server.handle_request()
        return self._server.brought


class _Server(HTTPServer):
    # On Windows this would let two programs share the port.
    allow_reuse_address = False
    brought: Mapping[str, str] | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing about a connection that broke."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SILENCE

    def do_GET(self) -> None:
        """Take the answer, and answer with a page."""
        parts = urlsplit(self.path)
        if parts.path != _PATH:
            self.send_error(404)
            return
        self.server.brought = dict(parse_qsl(parts.query))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.send_header("Content-Security-Policy", _LAYOUT.policy())
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, *_: object) -> None:
        """Print nothing: the path holds the code."""
