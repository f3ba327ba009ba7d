"""Output of tools as HTML: what a model writes must never run, load or lead anywhere by itself."""

from html.parser import HTMLParser

import pytest

from gptstore.sdk.output import TEXTS, OutputKind
from gptstore.sdk.render.highlight import MAX_HIGHLIGHTED
from gptstore.sdk.render.markdown import TAGS
from gptstore.sdk.render.output import render

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)")',
    '<a href="https://a.example" onclick="alert(1)">x</a>',
    "<style>body{display:none}</style>",
    "<iframe src=https://evil.example></iframe>",
    "<svg onload=alert(1)>",
    '```"><script>alert(1)</script>\ncode\n```',
    "```html\n<script>alert(1)</script>\n```",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "[a]: javascript:alert(1)\n\n[a]",
    "<form action=https://evil.example><input name=password></form>",
]


class Elements(HTMLParser):
    """The elements of a piece of HTML with their attributes, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(html: str) -> str:
    return Elements(html).text


@pytest.mark.parametrize("kind", ["text", "markdown", "code", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_output_stays_text(kind: str, text: str) -> None:
    for tag, attributes in Elements(render(kind, text, "html")).found:
        assert tag in TAGS | {"div"}
        assert set(attributes) <= {"class", "dir", "href", "title", "rel", "start"}
        assert (attributes.get("href") or "https:").startswith("https:")


def test_links_say_nothing_about_where_they_were_clicked() -> None:
    html = render("markdown", "[x](https://a.example/b)")
    assert Elements(html).found[-1] == ("a", {"href": "https://a.example/b", "rel": "nofollow noopener noreferrer"})


def test_an_address_that_is_no_link_stays_text() -> None:
    assert "<a" not in render("markdown", "see https://a.example/b")


def test_markdown_is_drawn() -> None:
    html = render("markdown", "# One\n\n- *two*\n- **three**\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<em>two</em>" in html
    assert "<td>1</td>" in html


def test_headings_come_below_those_of_the_page() -> None:
    tags = [tag for tag, _ in Elements(render("markdown", "# a\n\n## b\n\n###### c")).found]
    assert [tag for tag in tags if tag.startswith("h")] == ["h3", "h4", "h6"]


def test_code_is_coloured_by_classes_alone() -> None:
    html = render("code", "def f():\n    return '<b>'\n", "python")
    assert '<span class="k">def</span>' in html
    assert "style=" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize("language", ["", "klingon", "../../etc/passwd"])
def test_code_of_an_unknown_language_is_shown_plainly(language: str) -> None:
    assert "a &lt; b" in render("code", "a < b", language)


def test_blank_lines_of_code_are_kept() -> None:
    assert "<code>\n\n" in render("code", "\n\nx = 1\n\n", "python")


def test_json_is_indented_when_it_is_whole_and_shown_as_it_is_until_then() -> None:
    whole = text_of(render("json", '{"a":"é"}'))
    assert whole == '{\n  "a": "é"\n}\n'
    assert "{&quot;a&quot;:" in render("json", '{"a":')


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 10_000])
def test_json_that_breaks_parsers_is_shown_as_it_is(text: str) -> None:
    assert text_of(render("json", text)) == text


def test_json_that_grows_beyond_measure_when_it_is_indented_is_shown_as_it_is() -> None:
    text = "[" * 900 + ",".join("0" * 1000) + "]" * 900
    assert text_of(render("json", text)) == text


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_every_kind_is_drawn_in_its_own_way(kind: OutputKind) -> None:
    others = {render(other, "[1]", "python") for other in TEXTS if other != kind}
    assert render(kind, "[1]", "python") not in others


def test_very_long_code_is_not_coloured() -> None:
    assert "<span" in render("code", "x = 1\n", "python")
    assert "<span" not in render("code", "x = 1\n" * MAX_HIGHLIGHTED, "python")


def test_text_keeps_its_spaces_and_lines() -> None:
    assert render("text", "a  b\n<c>") == '<div class="output-text" dir="auto">a  b\n&lt;c&gt;</div>'
