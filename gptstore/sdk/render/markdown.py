"""Renders Markdown. A model wrote it: HTML in it is shown as text, and images are not loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gptstore.sdk.render.highlight import code_block

TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    **{tag: {"dir"} for tag in ("p", "blockquote", "li", "table", "code", "h3", "h4", "h5", "h6")},
    "ol": {"start"},
    "pre": {"class", "dir"},
    "a": {"href", "title"},
    "span": {"class"},
}
LISTS = {"bullet_list_open", "ordered_list_open"}
LINK_SCHEMES = {"http", "https", "mailto"}


def render_markdown(text: str, colour: Callable[[str, str], str]) -> str:
    """Return clean HTML. Links send no referrer. colour: renders the code of a fence with its label."""

    def highlight_fence(code: str, label: str, _attributes: str) -> str:
        return code_block(colour(code, label))

    parser = make_parser({"html": False, "highlight": highlight_fence})
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = below_page_headings(token.tag)
        set_direction(token)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=LINK_SCHEMES, link_rel="nofollow noopener noreferrer"
    )
    return f'<div class="prose">{clean}</div>'


def set_direction(token: Token) -> None:
    """Let each block, and each entry of a list, have the direction of its first letter, and code go left to right.

    The browser leaves elements with a `dir` of their own out when it looks for that letter. So blocks within others
    have none (base.css orders their text), and a paragraph that begins with code has the direction of its words.
    """
    is_block = token.level == 0 and token.type not in LISTS
    if token.nesting == 1 and (is_block or token.type == "list_item_open"):
        token.attrSet("dir", "auto")
    for child in token.children or []:
        if child.type == "code_inline":
            child.attrSet("dir", "ltr")


def plain_text(text: str) -> str:
    """Return what a reader sees of Markdown, in one line, without its markup. For short texts, such as an excerpt."""
    words = [read_token(token) for token in make_parser({"html": False}).parse(text)]
    return " ".join(" ".join(words).split())


def read_token(token: Token) -> str:
    """Return the text of a token of a block, or of one within a line."""
    if token.children is not None:
        return "".join(map(read_token, token.children))
    return " " if token.type in ("softbreak", "hardbreak") else token.content


def make_parser(options: dict[str, Any]) -> MarkdownIt:
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).disable("image")


def below_page_headings(tag: str) -> str:
    """Return the heading's level below those of the page, which has its own h1 and h2."""
    return f"h{min(int(tag[1]) + 2, 6)}"
