"""The parts of a page between its headings: for the table of contents, for links into the page and for the search."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from django.utils.html import strip_tags
from markdown_it.token import Token


@dataclass(frozen=True)
class Section:
    """The part of a page below one heading, up to the next. anchor: "" for the part before the first. text: plain."""

    anchor: str
    level: int
    title: str
    text: str


def split(tokens: list[Token]) -> list[Section]:
    """Return one section for each heading, after one for the part before the first."""
    parts: list[tuple[int, str, list[str]]] = [(1, "", [])]
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before and before.type == "heading_open":
            parts.append((int(before.tag[1]), plain_text(token), []))
        elif text := plain_text(token):
            parts[-1][2].append(text)
    anchors = make_anchors([title for _level, title, _texts in parts[1:]])
    return [
        Section(anchor, level, title, " ".join(" ".join(texts).split()))
        for anchor, (level, title, texts) in zip(["", *anchors], parts, strict=True)
    ]


def plain_text(token: Token) -> str:
    """Return the text that a reader sees of a block."""
    if token.type in ("fence", "code_block"):
        return token.content
    if token.type == "html_block":
        return unescape(strip_tags(token.content))
    return "".join(" " if child.type.endswith("break") else shown(child) for child in token.children or [])


def shown(child: Token) -> str:
    return "" if child.type == "html_inline" else child.content


def make_anchors(titles: Sequence[str]) -> list[str]:
    """Name headings as GitHub does, so that a link into a page works there and here."""
    seen: Counter[str] = Counter()
    anchors = []
    for title in titles:
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        anchors.append(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return anchors
