"""A person with a browser: opens a page, clicks, and follows where it leads."""

from __future__ import annotations

import html
import http.client
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def same(url: str) -> str:
    return url


@dataclass
class Browser:
    """Opens URLs in a thread of its own, as a real one would.

    Attributes:
        button: the button that the person clicks.
        before: changes the URL that is opened.
        after: changes the URL that the click leads to.
        opened: the URLs that were opened.
        last: the page that it ended on.
    """

    button: str = "allow"
    before: Callable[[str], str] = same
    after: Callable[[str], str] = same
    opened: list[str] = field(default_factory=list)
    last: str = ""
    threads: list[threading.Thread] = field(default_factory=list)

    def __call__(self, url: str) -> None:
        self.opened.append(url)
        thread = threading.Thread(target=self.visit, args=(self.before(url),), daemon=True)
        self.threads.append(thread)
        thread.start()

    def visit(self, url: str) -> None:
        status, location, page = ask("GET", url)
        if status == 200:
            action = html.unescape(re.search(r'action="([^"]*)"', page)[1])
            target = urlunsplit((*urlsplit(url)[:2], *urlsplit(action)[2:]))
            status, location, page = ask("POST", target, {"answer": self.button})
        self.last = ask("GET", self.after(location))[2] if status == 303 else page

    def close(self) -> None:
        for thread in self.threads:
            thread.join(5)


def ask(method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Send a request; return status, Location and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        body = urlencode(form) if form is not None else None
        connection.request(method, f"{parts.path}?{parts.query}", body, FORM if form else {})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()
    finally:
        connection.close()


def altered(**changes: str) -> Callable[[str], str]:
    """Return what sets parameters of an URL's query; None takes one away."""

    def alter(url: str) -> str:
        parts = urlsplit(url)
        query = {k: v for k, v in {**dict(parse_qsl(parts.query)), **changes}.items() if v}
        return urlunsplit(parts._replace(query=urlencode(query)))

    return alter
