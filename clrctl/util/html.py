"""Pages of HTML: elements, whose texts are escaped here alone, and the layout of a whole page.

A page needs nothing beside it but what its policy allows: its style and its script stand in it,
and its Content-Security-Policy names them by their digests (CSP level 3, section 2.3.1).
"""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import dataclass

from clrctl.util.wording import visible


class Markup(str):
    """HTML that is fit to be sent; a literal, or made by `element`."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """Return an element; children and attribute values that are not markup are escaped.

    Characters that cannot be seen, or that reorder what is shown, become visible escapes. A
    trailing underscore of an attribute's name is cut off: `class_`.
    """
    start = "".join(
        f' {name.removesuffix("_")}="{_escaped(value)}"' for name, value in attributes.items()
    )
    return Markup(f"<{tag}{start}>{_joined(children)}</{tag}>")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the pages of one kind have in common.

    Attributes:
        style: CSS of the page; without it, it looks as the browser likes.
        script: JavaScript at its end; nothing else can run.
        icon: path of the picture of the browser's tab, at the server that sends the page.
    """

    style: str = ""
    script: str = ""
    icon: str = ""

    def policy(self, form_action: str = "'none'") -> str:
        """Return the Content-Security-Policy of a page: what it may load, run and send.

        Args:
            form_action: where its forms may lead, in the words of that policy.
        """
        parts = (
            "default-src 'none'",
            f"style-src {_digest(self.style)}" if self.style else "",
            f"script-src {_digest(self.script)}" if self.script else "",
            "img-src 'self'" if self.icon else "",
            "base-uri 'none'",
            f"form-action {form_action}",
        )
        return "; ".join(filter(None, parts))

    def page(self, title: str, *content: str, form_action: str = "'none'") -> str:
        """Return a whole page.

        Args:
            title: what the browser's tab says.
            content: the children of its body; what is not markup is escaped.
            form_action: see `policy`.
        """
        script = Markup(f"<script>{self.script}</script>") if self.script else Markup()
        head = element("head", *self._head(title, form_action))
        body = element("body", *content, script)
        return f"<!doctype html>{element('html', head, body, lang='en')}\n"

    def _head(self, title: str, form_action: str) -> tuple[Markup, ...]:
        policy = self.policy(form_action)
        icon = f'<link rel="icon" href="{_escaped(self.icon)}" type="image/svg+xml">'
        return (
            Markup('<meta charset="utf-8">'),
            # A page that is kept as a file has no other place for it.
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup(icon if self.icon else ""),
            element("title", title),
            element("style", Markup(self.style)) if self.style else Markup(),
        )


def _joined(children: tuple[str, ...]) -> str:
    return "".join(one if isinstance(one, Markup) else _escaped(one) for one in children)


def _escaped(text: str) -> str:
    return html.escape(visible(text))


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
