"""Texts without the HTML that authors of frameworks put into them.

CASE knows plain text alone (1EdTech CASE 1.1, CFItem.fullStatement), but many publishers leave the
tags and entities of their editors in it. Formulas in TeX, and what is no whole tag, stay.
"""

from __future__ import annotations

import html
import re

_BREAKS = "br|div|h[1-6]|hr|li|ol|p|table|tbody|td|th|thead|tr|ul"
_OTHERS = (
    "a|abbr|b|blockquote|code|em|font|i|img|mark|pre|q|s|small|span|strike|strong|sub|sup|tt|u"
)
_TAG = re.compile(rf"</?(?:(?P<breaks>{_BREAKS})|{_OTHERS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def plain(text: str) -> str:
    """Return a text without the tags and entities of HTML; one that has none as it is."""
    if not _TAG.search(text) and not _ENTITY.search(text):
        return text
    bare = _TAG.sub(lambda tag: " " if tag["breaks"] else "", text)
    read = _ENTITY.sub(lambda entity: html.unescape(entity[0]), bare)
    return " ".join(read.split())
