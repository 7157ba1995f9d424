"""The source line below a finding: cut to the terminal, harmless, its caret in the right place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from clrctl.cli.output.excerpt import SourceText

LONG = "".join(f"<{number:03}>" for number in range(200))
EXCERPTS = [
    # text, column, width, the line shown, what stands under it
    ('{"id": 1}', 8, 40, '{"id": 1}', "       ^"),
    ("      name: x", 13, 40, "name: x", "      ^"),
    ("    x", 2, 40, "   x", "^"),
    ("\ta\tb", 4, 40, "a  b", "   ^"),
    ("山田: x", 5, 40, "山田: x", "      ^"),
    ("\uff21\uff22: x", 5, 40, "\uff21\uff22: x", "      ^"),
    ("e\u0301: x", 5, 40, "e\u0301: x", "   ^"),
    ("\x1b[2J\u202e: x", 8, 40, r"\x1b[2J\u202e: x", "               ^"),
    ("x\r", 1, 40, "x", "^"),
    ("[1,", 4, 40, "[1,", "   ^"),
    ("", 1, 40, "", "^"),
    # Cut at one end, at the other, at both.
    (LONG, 6, 30, "<000><001><002><003><004><0...", "     ^"),
    (LONG, 996, 30, "...4><195><196><197><198><199>", "                         ^"),
    (LONG, 501, 30, "...7><098><099><100><101><1...", "               ^"),
    ("山" * 50, 26, 30, "..." + "山" * 12 + "...", "               ^"),
    # No terminal is too narrow.
    (LONG, 501, 5, "...8><099><100><1...", "          ^"),
]


@pytest.mark.parametrize(("text", "column", "width", "line", "mark"), EXCERPTS)
def test_an_excerpt_fits_and_its_caret_stands_under_the_place(
    text: str, column: int, width: int, line: str, mark: str
) -> None:
    shown, margin = SourceText(text.encode(), 1).excerpt(1, column, width)
    assert (shown, margin + "^") == (line, mark)


def test_a_line_is_found_by_its_number_in_the_source() -> None:
    source = SourceText(b"\xef\xbb\xbffirst\r\nsecond\nthird", 7)
    assert [source.excerpt(line, 1, 80)[0] for line in (7, 8, 9)] == ["first", "second", "third"]
    assert source.excerpt(7, 3, 80)[1] == "  "


def test_what_is_no_utf8_is_shown_as_far_as_it_goes() -> None:
    shown, margin = SourceText(b'{"a": "caf\xe9"}', 1).excerpt(1, 11, 80)
    assert (shown, len(margin)) == ('{"a": "caf\ufffd"}', 10)


texts = st.text(st.sampled_from('ab "{}:山田Ａé\t\x1b\u202e'), max_size=300)


@given(texts, st.integers(1, 301), st.integers(20, 120))
def test_no_excerpt_is_wider_than_the_terminal_nor_loses_the_place(
    text: str, column: int, width: int
) -> None:
    column = min(column, len(text) + 1)
    shown, margin = SourceText(text.encode(), 1).excerpt(1, column, width)
    assert cell_len(shown) <= width
    assert len(margin) < width
    if char := text[column - 1 : column].strip():
        at = next(n for n in range(len(shown)) if cell_len(shown[:n]) == len(margin))
        assert shown[at:].startswith(char.encode("unicode_escape").decode()) or shown[at] == char
