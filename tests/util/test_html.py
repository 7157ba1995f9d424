"""Pages of HTML: nothing that comes from outside becomes markup, and the policy fits the page."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from clrctl.util.html import Layout, Markup, element

FULL = Layout(style="p > b { color: red }", script="let a = 1 < 2 && '3';", icon="/logo.svg")


class Tags(HTMLParser):
    """What a browser makes of a page: its tags in order, and the policy that it holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"] or ""


def test_text_and_attributes_are_escaped_and_markup_is_not() -> None:
    inner = element("b", "<&\"'")
    assert inner == "<b>&lt;&amp;&quot;&#x27;</b>"
    assert element("p", inner, "<b>", title='"><b>') == (
        '<p title="&quot;&gt;&lt;b&gt;"><b>&lt;&amp;&quot;&#x27;</b>&lt;b&gt;</p>'
    )
    assert element("p", class_="note", **{"data-label": "x"}) == (
        '<p class="note" data-label="x"></p>'
    )
    assert isinstance(inner, Markup)


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x1b", r"\u001b"),
        ("\x7f", r"\u007f"),
        ("\xad", r"\u00ad"),
        ("\u202e", r"\u202e"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\udb40\udc41"),
        ("a\n\tb", "a\n\tb"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_json_writes_it(hidden: str, shown: str) -> None:
    assert element("p", hidden) == f"<p>{shown}</p>"
    element("p", hidden).encode()


@pytest.mark.parametrize("layout", [FULL, Layout(style="p {}"), Layout()])
def test_a_page_holds_the_policy_that_its_style_and_script_need(layout: Layout) -> None:
    text = layout.page("<i>", element("h1", "a"), "<i>", form_action="'self'")
    page = Tags(text)
    assert page.policy == layout.policy("'self'")
    assert "i" not in page.tags
    assert page.tags.count("title") == 1
    # A policy holds for what stands below it.
    assert page.tags[:4] == ["html", "head", "meta", "meta"]
    allowed = dict(part.split(maxsplit=1) for part in page.policy.split("; "))
    assert allowed["default-src"] == allowed["base-uri"] == "'none'"
    assert allowed["form-action"] == "'self'"
    for tag in ("style", "script"):
        found = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()) for one in found]
        wanted = [f"'sha256-{digest.decode()}'" for digest in digests]
        assert wanted == ([allowed[f"{tag}-src"]] if f"{tag}-src" in allowed else [])
    assert ("link" in page.tags) is ("img-src" in allowed) is bool(layout.icon)
