"""What carries a credential, and what is found in folders of such files."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.document import baking, carriers
from clrctl.document.inputs import find
from clrctl.errors import InputError

BADGES = Path(__file__).parents[2] / "samples" / "badges"

Run = Callable[..., Any]


def carried(*names: Path | str, stdin: bytes = b"") -> list[carriers.Carried | InputError]:
    pieces = find([str(name) for name in names], stdin=io.BytesIO(stdin), also=carriers.SUFFIXES)
    return list(carriers.opened(pieces))


def one(name: Path | str, stdin: bytes = b"") -> carriers.Carried:
    (found,) = carried(name, stdin=stdin)
    assert isinstance(found, carriers.Carried)
    return found


def test_every_form_leads_to_the_same_facts() -> None:
    plain, png, svg, token = (
        one(BADGES / name) for name in ("throwing.json", "glazing.png", "firing.svg", "packing.jwt")
    )
    for found in (plain, png, svg, token):
        assert found.is_signed
        assert found.credential["issuer"]["name"] == "Ember Row Pottery"
    assert (plain.token, plain.picture, plain.claims) == ("", None, {})
    assert png.picture is svg.picture is baking.OPEN_BADGES
    assert token.raw == (BADGES / "packing.jwt").read_bytes()
    assert set(token.claims) == {"iss", "jti", "sub"}
    assert token.place == str(BADGES / "packing.jwt")


def test_a_token_is_known_with_blanks_around_it_and_a_mark_before() -> None:
    raw = (BADGES / "packing.jwt").read_bytes()
    assert one("-", stdin=b"\xef\xbb\xbf  " + raw + b"\r\n").token == raw.decode().strip()
    assert one("-", stdin=b'"' + raw.strip() + b'"').token == raw.decode().strip()
    assert not carriers.is_token("eyJh.b.ü".encode())
    assert not carriers.is_token(b"eyJh.b")


def test_a_badge_that_is_not_signed_says_so(tmp_path: Path) -> None:
    assert not one(BADGES / "older.json").is_signed


def test_a_folder_gives_every_form_and_nothing_else(tmp_path: Path) -> None:
    shutil.copytree(BADGES, tmp_path / "b")
    for name in ("notes.txt", ".hidden.png", "photo.jpg"):
        (tmp_path / "b" / name).write_bytes(b"x")
    (tmp_path / "b" / "OLD.1OB").write_bytes((BADGES / "older.json").read_bytes())
    found = carried(tmp_path / "b")
    assert len(found) == len(list(BADGES.iterdir())) + 1
    assert all(isinstance(each, carriers.Carried) for each in found)


def test_a_folder_without_any_says_what_it_looks_for(tmp_path: Path) -> None:
    (found,) = carried(tmp_path)
    assert isinstance(found, InputError)
    assert ".png" in found.fix
    assert ".json" in found.fix


@pytest.mark.parametrize("command", ["show", "verify"])
def test_commands_take_whole_folders(clrctl: Run, command: str) -> None:
    done = clrctl(command, BADGES, "--json")
    assert done.json["unread"] == []
    assert done.out.count("did:example:perrin-sample") or done.out.count("glazing.png")


def test_lines_of_ndjson_have_places(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b'{"a": 1}\n\n{"b": 2}\n')
    first, second = carried(tmp_path / "a.ndjson")
    assert isinstance(first, carriers.Carried)
    assert isinstance(second, carriers.Carried)
    assert first.place == str(tmp_path / "a.ndjson")
    assert second.place == f"{tmp_path / 'a.ndjson'}:3"
