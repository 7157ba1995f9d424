"""One HTTP exchange: bounded in time and size, never redirected, its failures told in our errors.

The package is the only home of httpx, and knows nothing of credentials, tokens or the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import urlsplit

from clrctl._version import __version__
from clrctl.http import proxied, tls
from clrctl.http.answer import Answer, Timeouts
from clrctl.http.direct import Direct, Target
from clrctl.http.link import Link
from clrctl.http.proxied import Proxied

AS_USUAL: Final = Timeouts()
_HEADERS: Final = {
    "User-Agent": f"clrctl/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


class Client:
    """Sends requests and reads their answers; not for use by several threads at once.

    It follows no redirects, keeps no cookies, asks for no encoding. Where the link names none,
    certificate files and, for https, proxies are taken from the environment, as everybody expects.

    Args:
        timeouts: how long to wait.
        link: certificates and a proxy, shared by the clients of an endpoint; by default those of
            the environment and the system.

    Raises:
        UsageError: the environment names a certificate file or a proxy that cannot be used.
    """

    def __init__(self, timeouts: Timeouts = AS_USUAL, *, link: Link | None = None) -> None:
        self._timeouts = timeouts
        self._link = link or Link()
        self._direct = Direct(timeouts, self._link)
        self._has_proxies = bool(self._link.proxy) or proxied.are_wanted()
        self._proxied = Proxied(timeouts, self._link) if self._has_proxies else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._direct.close()
        if self._proxied is not None:
            self._proxied.close()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, most: int) -> Answer:
        """Send a POST and read its whole answer, whatever its status.

        Args:
            url: where to.
            headers: beside those of every request.
            body: is sent as it is.
            most: bytes of the answer's body to read at the most; a longer one is a flaw.

        Raises:
            UsageError: the URL cannot be used.
            NoConnection: nobody was reached; the request did not arrive.
            LostAnswer: the answer did not arrive whole, or not in time.
            RefusedError: the server's certificate is not trusted, or the server takes no request
                for want of one of ours, or speaks no TLS that is spoken here.
        """
        return self._send("POST", url, headers, body, most)

    def get(self, url: str, headers: Mapping[str, str], *, most: int) -> Answer:
        """Send a GET and read its whole answer, as `post`.

        Raises:
            ClrctlError: as `post`.
        """
        return self._send("GET", url, headers, None, most)

    def cut(self) -> None:
        """Cut all connections, from any thread: what is under way raises LostAnswer."""
        self._direct.cut()
        if self._proxied is not None:
            self._proxied.cut()

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        answer = self._answer(method, url, {**_HEADERS, **headers}, body, most)
        if url.startswith("https:") and (error := tls.refusal_by_page(answer, f"{method} {url}")):
            raise error
        return answer

    def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        target = Target.of(url)
        # Only this machine is reached without TLS; that must not pass through a proxy.
        if target is not None and not (self._has_proxies and target.scheme == "https"):
            return self._direct.send(method, target, headers, body, most)
        if self._proxied is None:
            self._proxied = Proxied(self._timeouts, self._link)
        return self._proxied.send(method, url, headers, body, most)


def origin(url: str) -> str:
    """Return scheme, host and port of an URL: all of it that may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "elsewhere"
