"""`clrctl bake` and `clrctl extract`: pictures that carry a credential, and what is refused."""

from __future__ import annotations

import base64
import json
import random
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from clrctl.cli.console import Color, Console
from clrctl.document import baking
from clrctl.document.baking import baked as baked_kinds
from clrctl.document.baking.baked import Baked, BakedKind
from clrctl.errors import InputError, UsageError

SAMPLES = Path(__file__).parents[2] / "samples"
PNG = (SAMPLES / "crest.png").read_bytes()
SVG = (SAMPLES / "crest.svg").read_bytes()
CLR = (SAMPLES / "minimal.clr.json").read_bytes()
BADGE = b'{"type": ["VerifiableCredential", "OpenBadgeCredential"], "points": 1.50, "x": "]]>"}\n'
TOKEN = b"eyJhbGciOiJFUzI1NiJ9." + base64.urlsafe_b64encode(BADGE).rstrip(b"=") + b".c2ln"

Run = Callable[..., Any]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(*chunks: bytes) -> bytes:
    return PNG[:-12] + b"".join(chunks) + PNG[-12:]


def itxt(keyword: bytes, text: bytes, flag: bytes = b"\0") -> bytes:
    return chunk(b"iTXt", keyword + b"\0" + flag + b"\0\0\0" + text)


def svg_with(inside: str, before: str = "") -> bytes:
    start = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:c="https://purl.imsglobal.org/clr/v2p0"'
    old = 'xmlns:b="http://openbadges.org"'
    return f"{before}{start} {old}>{inside}<path/></svg>".encode()


@pytest.mark.parametrize("picture", [PNG, SVG], ids=["png", "svg"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [(CLR, baked_kinds.CLR), (BADGE, baked_kinds.OPEN_BADGES), (TOKEN, baked_kinds.OPEN_BADGES)],
    ids=["clr", "badge", "token"],
)
def test_what_is_baked_comes_out_again_to_the_byte(
    picture: bytes, text: bytes, kind: BakedKind
) -> None:
    baked = baking.bake(picture, text, kind)
    assert baking.extract(baked) == Baked(kind, text)
    assert baking.bake(picture, text, kind) == baked


def test_the_rest_of_a_png_file_stays_byte_for_byte() -> None:
    behind = b"what follows the end"
    baked = baking.bake(PNG + behind, CLR, baked_kinds.CLR)
    added = itxt(b"clrcredential", CLR)
    assert baked == PNG[:-12] + added + PNG[-12:] + behind


def test_the_rest_of_an_svg_file_stays_byte_for_byte() -> None:
    baked = baking.bake(SVG, CLR, baked_kinds.CLR)
    start = SVG.index(b">", SVG.index(b"<svg")) + 1
    added = len(baked) - len(SVG)
    assert baked[:start] == SVG[:start]
    assert baked[start + added :] == SVG[start:]
    # Any other XML reader finds it, right behind the start tag, as the standard says.
    first = ElementTree.fromstring(baked)[0]  # noqa: S314 - written a line above
    assert first.tag == "{https://purl.imsglobal.org/clr/v2p0}credential"
    assert first.text == CLR.decode()


def test_a_token_goes_into_the_attribute_of_an_svg_file() -> None:
    baked = baking.bake(SVG, TOKEN + b"\n", baked_kinds.OPEN_BADGES)
    first = ElementTree.fromstring(baked)[0]  # noqa: S314 - written a line above
    assert (first.get("verify"), first.text) == (TOKEN.decode(), None)


def test_line_ends_of_windows_become_those_of_xml_in_svg_and_stay_in_png() -> None:
    text = b'{\r\n  "type": "x"\r\n}\r\n'
    assert baking.extract(baking.bake(SVG, text, baked_kinds.CLR)).text == text.replace(b"\r", b"")
    assert baking.extract(baking.bake(PNG, text, baked_kinds.CLR)).text == text


def test_a_doctype_a_byte_order_mark_and_signs_in_attributes_do_no_harm() -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    picture = b"\xef\xbb\xbf" + svg_with("").replace(b"<svg ", f"{doctype}<svg a='1>0' ".encode())
    baked = baking.bake(picture, CLR, baked_kinds.CLR)
    assert baking.extract(baked).text == CLR
    assert b'xmlns:b="http://openbadges.org"><clr:credential ' in baked


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<c:credential>\n  {&quot;a&quot;: 1}\n</c:credential>", b'{"a": 1}'),
        ("<c:credential>\n<![CDATA[ {} ]]>\n</c:credential>", b" {} "),
        ("<g><c:credential verify=' eyJ.a.b '/></g>", b"eyJ.a.b"),
        ("<b:assertion verify='https://x.example/1'/>", b"https://x.example/1"),
        ("<b:assertion verify='https://x.example/1'>{}</b:assertion>", b"{}"),
    ],
)
def test_what_other_programs_bake_is_found(inside: str, text: bytes) -> None:
    assert baking.extract(svg_with(inside)).text == text


REFUSED = {
    "neither": (b"BM", "neither a PNG nor an SVG picture"),
    "plain png": (PNG, "there is no credential in the picture"),
    "plain svg": (SVG, "there is no credential in the picture"),
    "cut off": (PNG[:-20], "the PNG file is damaged"),
    "no end": (PNG[:-12], "the PNG file is damaged"),
    "checksum": (PNG[:-1] + b"x", "the PNG file is damaged"),
    "no IHDR": (PNG[:8] + PNG[33:], "the PNG file is damaged"),
    "many chunks": (png_with(*[chunk(b"tEXt", b"a\0b")] * 1001), "the PNG file is damaged"),
    "large png": (PNG + bytes(20 * 2**20), "larger than 20 MiB"),
    "large svg": (SVG + b" " * (5 * 2**20), "larger than 5 MiB"),
    "compressed": (png_with(itxt(b"clrcredential", b"x", b"\1")), "cannot be read"),
    "tEXt": (png_with(chunk(b"tEXt", b"openbadgecredential\0x")), "cannot be read"),
    "no text": (png_with(chunk(b"iTXt", b"openbadges\0\0\0x")), "cannot be read"),
    "two chunks": (png_with(itxt(b"openbadges", b"x"), itxt(b"clrcredential", b"x")), "several"),
    "two tags": (svg_with("<c:credential verify='a'/><c:credential verify='a'/>"), "several"),
    "two texts": (svg_with("<c:credential verify='a'>{}</c:credential>"), "twice"),
    "empty": (svg_with("<c:credential> </c:credential>"), "is empty"),
    "no XML": (SVG[:-3], "the SVG file is damaged"),
    "other XML": (b"<a><svg/></a>", "no SVG picture"),
    "entity": (svg_with("", '<!DOCTYPE svg [<!ENTITY a "b">]>'), "uses XML entities"),
    "outer entity": (svg_with("", '<!DOCTYPE svg [<!ENTITY a SYSTEM "/etc/passwd">]>'), "entities"),
    "parameter": (svg_with("", '<!DOCTYPE svg [<!ENTITY % a "b"> %a;]>'), "uses XML entities"),
    "undeclared": (svg_with("&a;", '<!DOCTYPE svg SYSTEM "a.dtd">'), "uses XML entities"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_picture_that_readers_would_read_differently_is_refused(name: str) -> None:
    raw, what = REFUSED[name]
    with pytest.raises(InputError, match=what) as caught:
        baking.extract(raw, source="badge.x")
    assert caught.value.where.startswith("badge.x")


@pytest.mark.parametrize("picture", [PNG, SVG], ids=["png", "svg"])
def test_damage_of_any_kind_is_told_or_does_no_harm(picture: bytes) -> None:
    baked = baking.bake(picture, CLR, baked_kinds.CLR)
    chance = random.Random(7)  # noqa: S311 - the same each time
    for _ in range(400):
        at, length = chance.randrange(len(baked)), chance.randrange(6)
        broken = baked[:at] + chance.randbytes(length) + baked[at + chance.randrange(6) :]
        try:
            found = baking.extract(broken)
        except InputError as problem:
            assert problem.where
        else:
            assert found.text


def test_chunks_of_pixels_are_not_counted() -> None:
    raw = png_with(*[chunk(b"IDAT", b"")] * 3000, itxt(b"clrcredential", CLR))
    assert baking.extract(raw).text == CLR


@pytest.mark.parametrize(
    ("picture", "text", "what"),
    [
        (png_with(itxt(b"openbadges", b"x")), CLR, "already a credential .Open Badges 2.0."),
        (svg_with("<c:credential verify='a'/>"), CLR, "already a credential .CLR 2.0."),
        (svg_with("", '<?xml version="1.0" encoding="ISO-8859-1"?>'), CLR, "written in ISO-8859-1"),
        (b"<svg/>", CLR, "the picture is empty"),
        (SVG, '{"a": "\uffff"}'.encode(), "a character that XML cannot"),
    ],
)
def test_a_picture_that_cannot_take_a_credential_says_why(
    picture: bytes, text: bytes, what: str
) -> None:
    with pytest.raises(InputError, match=what):
        baking.bake(picture, text, baked_kinds.CLR)


def test_the_pictures_of_1edtech_hold_what_lies_beside_them(reference: Path) -> None:
    folder = reference / "samples" / "ob30"
    for form in ("png", "svg"):
        baked = baking.extract((folder / f"simple-json.{form}").read_bytes())
        assert baked.kind is baked_kinds.OPEN_BADGES
        assert json.loads(baked.text)["id"] == "http://example.com/credentials/3527"
        assert baking.extract((folder / f"simple-jwt.{form}").read_bytes()).text.count(b".") == 2


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_credential_goes_through_pictures_and_pipes_unchanged(
    clrctl: Run, tmp_path: Path, form: str
) -> None:
    image, baked, back = SAMPLES / f"crest.{form}", tmp_path / "a", tmp_path / "b"
    done = clrctl("bake", "-", image, "-o", baked, stdin=CLR)
    assert (done.code, done.out) == (0, "")
    assert "not signed" in done.err
    assert "CLR 2.0 baked in" in done.err
    piped = clrctl("extract", "-", stdin=baked.read_bytes())
    assert piped.out.encode() == CLR
    assert clrctl("extract", baked, "-o", back, "-q").err == ""
    assert back.read_bytes() == CLR


def test_what_is_of_an_older_standard_is_told(clrctl: Run) -> None:
    older = svg_with("<b:assertion verify='https://x.example/1'/>")
    done = clrctl("extract", "-", stdin=older)
    assert (done.code, done.out) == (0, "https://x.example/1")
    assert "Open Badges 2.0, no more than the address of the badge" in done.err
    done = clrctl("extract", "-", stdin=svg_with("<b:assertion>{}</b:assertion>"))
    assert "Open Badges 2.0; clrctl upgrade" in done.err


NOT_BAKED = {
    "jpeg": (b"\xff\xd8\xff\xe0..JFIF", "a JPEG picture", "download the badge again"),
    "gif": (b"GIF89a", "a GIF picture", "download the badge again"),
    "webp": (b"RIFF\0\0\0\0WEBPVP8 ", "a WebP picture", "download the badge again"),
    "html": (b"\n<!DOCTYPE html><html>", "a web page", "download the badge's picture from there"),
    "svgz": (b"\x1f\x8b\x08\0", "compressed, perhaps a picture as SVGZ", "gunzip -c"),
    "utf-16": ("<svg/>".encode("utf-16"), "text in UTF-16", "iconv -f UTF-16"),
    "json": (b'{"a": 1}', "perhaps the credential itself", "validate, verify or show"),
    "other": (b"BM", "neither a PNG nor an SVG", "download the badge again"),
}


@pytest.mark.parametrize(("raw", "what", "fix"), NOT_BAKED.values(), ids=NOT_BAKED)
def test_what_is_no_baked_picture_is_named_with_a_way_back(raw: bytes, what: str, fix: str) -> None:
    with pytest.raises(InputError) as caught:
        baking.extract(raw)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert "save the picture" not in caught.value.fix


def as_token(text: bytes) -> bytes:
    return b"eyJhbGciOiJFUzI1NiJ9." + base64.urlsafe_b64encode(text).rstrip(b"=") + b".c2ln"


@pytest.mark.parametrize("wrapped", [lambda text: text, as_token], ids=["json", "jwt"])
def test_what_is_inside_decides_what_it_is_called(wrapped: Any) -> None:
    newer = b'{"@context": ["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]}'
    record = b'{"@context": ["https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"]}'
    older = b'{"@context": "https://w3id.org/openbadges/v2"}'
    found = [
        baking.extract(png_with(itxt(keyword, wrapped(text)))).kind.name
        for keyword in (b"openbadges", b"openbadgecredential")
        for text in (newer, record, older)
    ]
    assert found == ["Open Badges 3.0", "CLR 2.0", "Open Badges 2.0"] * 2


@pytest.mark.parametrize("command", ["show", "verify", "upgrade"])
def test_an_address_in_a_picture_is_told_as_one(command: str, tmp_path: Path, clrctl: Run) -> None:
    address = "https://x.example/assertions/17.json"
    for name, raw in (
        ("a.svg", svg_with(f"<b:assertion verify='{address}'/>")),
        ("a.png", png_with(chunk(b"tEXt", b"openbadges\0" + address.encode()))),
    ):
        (tmp_path / name).write_bytes(raw)
        done = clrctl(command, tmp_path / name)
        assert done.code == 3
        assert "the picture holds no more than the address of its badge" in done.err
        assert address in done.err


def test_a_token_is_baked_as_text_without_asking_for_a_proof(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "badge.jwt").write_bytes(TOKEN + b"\n")
    done = clrctl("bake", tmp_path / "badge.jwt", SAMPLES / "crest.svg")
    assert (done.code, "warning" in done.err) == (0, False)
    assert baking.extract(done.out.encode()).text == TOKEN


def test_a_credential_is_taken_over_from_one_picture_to_another(
    clrctl: Run, tmp_path: Path
) -> None:
    (tmp_path / "old.png").write_bytes(baking.bake(PNG, CLR, baked_kinds.CLR))
    done = clrctl("bake", tmp_path / "old.png", SAMPLES / "crest.svg")
    assert baking.extract(done.out.encode()).text == CLR


def test_a_file_is_replaced_only_by_force_and_the_picture_never(
    clrctl: Run, tmp_path: Path
) -> None:
    image, out = tmp_path / "crest.png", tmp_path / "out.png"
    image.write_bytes(PNG)
    out.write_bytes(b"older")
    words = ("bake", SAMPLES / "minimal.clr.json", image, "-o")
    refused = clrctl(*words, out)
    assert (refused.code, out.read_bytes()) == (3, b"older")
    assert "--force" in refused.err
    assert clrctl(*words, out, "--force").code == 0
    assert baking.extract(out.read_bytes()).text == CLR
    assert clrctl(*words, image, "--force").code == 2
    assert image.read_bytes() == PNG


BADLY_BAKED = {
    "yaml": (b"type: [ClrCredential]\n", 3, "this is YAML"),
    "other": (b'{"type": ["EndorsementCredential"]}', 3, "its type is EndorsementCredential"),
    "none": (b'{"a": 1}', 3, "its type is missing"),
    "broken": (b'{"type": ,}', 3, "parse/json"),
    "damaged": (b"eyJh.abcde.c", 3, "not base64url"),
}


@pytest.mark.parametrize("name", BADLY_BAKED)
def test_what_is_not_to_be_baked_is_told(clrctl: Run, name: str) -> None:
    raw, code, what = BADLY_BAKED[name]
    done = clrctl("bake", "-", SAMPLES / "crest.png", stdin=raw)
    assert (done.code, done.out) == (code, "")
    assert what in done.err


def test_several_credentials_are_not_baked_into_one_picture(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "two.ndjson").write_bytes(b'{"type": "ClrCredential"}\n' * 2)
    done = clrctl("bake", tmp_path / "two.ndjson", SAMPLES / "crest.png")
    assert done.code == 3
    assert "this holds 2 credentials" in done.err


def test_one_stream_cannot_be_both_and_a_missing_file_is_told(clrctl: Run) -> None:
    assert clrctl("bake", "-", "-").code == 2
    assert clrctl("bake", SAMPLES / "minimal.clr.json", "nowhere.png").code == 3
    assert clrctl("extract", "nowhere.png").code == 3


def test_an_invalid_credential_is_baked_with_a_warning(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(BADGE)
    done = clrctl("bake", tmp_path / "bad.json", SAMPLES / "crest.svg")
    assert done.code == 0
    assert f"clrctl validate {tmp_path / 'bad.json'}" in done.err


def on_terminal(capsys: Any, contents: bytes) -> str:
    console = Console(color=Color.NEVER, out=sys.stdout)
    console.out.isatty = lambda: True  # type: ignore[method-assign]
    console.answer_bytes(contents)
    return str(capsys.readouterr().out)


def test_a_terminal_gets_no_picture_and_nothing_that_steers_it(capsys: Any) -> None:
    assert on_terminal(capsys, '{"a":\t"\x9b\u202e"}'.encode()) == '{"a":\t"\\u009b\\u202e"}\n'
    with pytest.raises(UsageError, match="the answer is no text"):
        on_terminal(capsys, PNG)
