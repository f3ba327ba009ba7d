"""Renders a Markdown file of docs/ as a page of the site. The text is our own, and is sanitised like any other."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from gptstore.sdk.render.highlight import highlighted
from gptstore.sdk.render.markdown import LINK_SCHEMES
from gptstore.sdk.render.markdown import TAGS as OUTPUT_TAGS
from gptstore.web.docs.links import Target
from gptstore.web.docs.sections import Section, split

TAGS = OUTPUT_TAGS | {"h2", "img", "div", "details", "summary"}
ATTRIBUTES = {
    **{f"h{level}": {"id"} for level in range(2, 7)},
    **{tag: {"class"} for tag in ("span", "pre", "div", "p", "code", "td", "th")},
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "details": {"open"},
}


@dataclass(frozen=True)
class Rendered:
    html: SafeString
    sections: tuple[Section, ...]


def render_page(markdown: str, resolve: Callable[[str], Target]) -> Rendered:
    """Render a file without its title, which the page shows in its own place. `resolve` finds the targets of links."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for rule in (fence, code_block, table_open, table_close):
        parser.add_render_rule(rule.__name__, rule)
    tokens = without_title(parser.parse(markdown))
    for token in tokens:
        point_links(token, resolve)
        align_cell(token)
    sections = split(tokens)
    for opening, inline, section in zip(*headings(tokens), sections[1:], strict=True):
        opening.attrs["id"] = section.anchor
        link_heading(inline, section.anchor)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=LINK_SCHEMES, link_rel=None)
    return Rendered(mark_safe(clean), tuple(sections))  # noqa: S308 - nh3 cleaned it


def without_title(tokens: list[Token]) -> list[Token]:
    return tokens[3:] if tokens and tokens[0].tag == "h1" else tokens


def headings(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Return the opening token of each heading, and the one with its text."""
    places = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    return [tokens[place] for place in places], [tokens[place + 1] for place in places]


def link_heading(inline: Token, anchor: str) -> None:
    """Make a heading a link to itself, unless it has a link in it."""
    if not any(child.type == "link_open" for child in inline.children or []):
        opening = Token("link_open", "a", 1, attrs={"href": f"#{anchor}"})
        inline.children = [opening, *(inline.children or []), Token("link_close", "a", -1)]


def point_links(token: Token, resolve: Callable[[str], Target]) -> None:
    children = token.children or []
    for place, child in enumerate(children):
        if child.type == "image":
            child.attrs["src"] = resolve(str(child.attrs["src"])).url
        elif child.type == "link_open":
            point_link(child, children[place + 1 :], resolve(str(child.attrs["href"])))


def point_link(link: Token, rest: list[Token], target: Target) -> None:
    """Point a link to a file's page, titled as the page if it showed the file's name; show the path of source code."""
    text = rest[0]
    if target.url:
        link.attrs["href"] = target.url
        if text.content.rpartition("/")[2] == target.path.rpartition("/")[2] and target.title:
            text.content = target.title
        return
    closing = next(token for token in rest if token.type == "link_close")
    mark(link, '<span class="source">')
    path = "" if text.content.strip("/") == target.path else f" <code>{escape(target.path)}</code>"
    mark(closing, f"{path}</span>")


def mark(token: Token, html: str) -> None:
    token.type, token.content = "html_inline", html


def align_cell(token: Token) -> None:
    """Set a class instead of markdown-it's inline style, which the content policy forbids."""
    if str(token.attrs.pop("style", "")).endswith("right"):
        token.attrs["class"] = "number"


def fence(self: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    """Render a code block, below the name of its file where ```` ```python title="x.py" ```` gives one."""
    language, _, rest = tokens[place].info.partition(" ")
    title = re.search(r'title="([^"]+)"', rest)
    name = f'<p class="code-name">{escape(title[1])}</p>' if title and "." in title[1] else ""
    return f'<div class="code-block">{name}{code(highlighted(tokens[place].content, language))}</div>'


def code_block(self: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    return f'<div class="code-block">{code(escape(tokens[place].content))}</div>'


def code(html: str) -> str:
    return f'<pre class="highlight"><code>{html}</code></pre>'


def table_open(self: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    return '<div class="table-wrap"><table>'


def table_close(self: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    return "</table></div>"
