"""Icons: what is a small and harmless picture, and what is refused, by the author's file and by a store."""

import base64
from pathlib import Path

import pytest

from gptstore.sdk import Context, ToolDefinitionError, tool
from gptstore.sdk.cli.draw_icon import draw_icon
from gptstore.sdk.icon import MAX_BYTES, PNG, SVG, IconError, check_icon, make_url, read_icon, read_url

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
GOOD = f'<?xml version="1.0" encoding="UTF-8"?>{HEAD}<defs><path id="a" d="M0 0"/></defs><use xlink:href="#a"/></svg>'


def png(width: int, height: int) -> bytes:
    size = width.to_bytes(4) + height.to_bytes(4)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + size + b"\x08\x06\x00\x00\x00"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (SVG, GOOD.encode()),
        (SVG, f'{HEAD}<!-- calm --><rect style="fill:url(#a)" fill="#fff"/></svg>'.encode()),
        (SVG, draw_icon("night-owl", "<&> owl").encode()),
        (SVG, draw_icon("ye", "夜").encode()),
        (PNG, png(512, 16)),
    ],
)
def test_small_pictures_pass_and_come_back_as_they_were(kind: str, data: bytes) -> None:
    assert read_url(make_url(kind, data)) == (kind, data)


@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        ("<script>alert(1)</script>", "element <script>"),
        ("<style>@import url(x)</style>", "element <style>"),
        ("<foreignObject/>", "element <foreignObject>"),
        ('<image href="#a"/>', "element <image>"),
        ('<a href="#a"/>', "element <a>"),
        ('<set attributeName="href"/>', "element <set>"),
        ('<p xmlns="http://www.w3.org/1999/xhtml"/>', "element <p>"),
        ('<rect onload="alert(1)"/>', "event attribute onload="),
        ('<rect ONCLICK="alert(1)"/>', "event attribute ONCLICK="),
        ('<use href="https://example.org/a.svg#b"/>', "leads elsewhere, by href="),
        ('<use xlink:href="data:image/svg+xml,x"/>', "leads elsewhere, by href="),
        ('<rect fill="url(https://example.org/a#b)"/>', "leads elsewhere, by fill="),
        ("<rect fill=\"URL( 'https://example.org/a#b')\"/>", "leads elsewhere, by fill="),
        ('<rect style="fill:u\\72l(https://example.org)"/>', "leads elsewhere, by style="),
        ('<rect style="fill:ur&#108;(//example.org)"/>', "leads elsewhere, by style="),
        ("<g>" * 40 + "</g>" * 40, "too many elements"),
        ("<?xml-stylesheet href='a'?>", "instruction <\\?xml-stylesheet"),
        ("<g>", "is no SVG"),
    ],
)
def test_an_svg_has_nothing_that_runs_or_leads_elsewhere(inner: str, problem: str) -> None:
    with pytest.raises(IconError, match=problem):
        check_icon(SVG, f"{HEAD}{inner}</svg>".encode())


@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        (SVG, f'<!DOCTYPE svg [<!ENTITY a "b">]>{HEAD}&a;</svg>'.encode(), "DOCTYPE"),
        (SVG, GOOD.encode("utf-16"), "is not UTF-8"),
        (SVG, GOOD.replace("UTF-8", "utf-7").encode(), "is not UTF-8"),
        (SVG, b"<svg/>", "has to begin with"),
        (SVG, GOOD.encode() + b" " * MAX_BYTES, "more than 16 KB"),
        (PNG, GOOD.encode(), "neither an SVG nor a PNG"),
        (PNG, png(513, 1), "more than 512 pixels"),
        ("text/html", GOOD.encode(), "neither an SVG nor a PNG"),
    ],
)
def test_what_is_no_small_picture_is_refused(kind: str, data: bytes, problem: str) -> None:
    with pytest.raises(IconError, match=problem):
        read_url(f"data:{kind};base64,{base64.b64encode(data).decode()}")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.gif", "must be an"),
        ("../a.svg", "must lie beside"),
        ("/a.svg", "must lie beside"),
        ("b.svg", "can't be read"),
    ],
)
def test_a_file_of_the_package_is_named(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "a.svg").write_text(GOOD)

    assert read_icon(tmp_path, "a.svg") == make_url(SVG, GOOD.encode())
    with pytest.raises(IconError, match=problem):
        read_icon(tmp_path, name)


def test_a_tool_names_a_file_beside_its_module() -> None:
    def shout(ctx: Context, word: str) -> str:
        """Say it loudly."""
        return word

    with pytest.raises(ToolDefinitionError, match=r"tool shout: its icon nowhere\.svg can't be read"):
        tool(icon="nowhere.svg")(shout)
    assert tool(shout).icon == ""


def test_each_name_has_one_colour() -> None:
    drawn = {draw_icon(f"tool-{number}", "Owl") for number in range(50)}

    assert 5 < len(drawn) <= 10
    assert draw_icon("night-owl", "night owl") == draw_icon("night-owl", "Night owl")
