"""Reads the text of an HTML file by Python's own parser: what a reader sees, a line for each block."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from gptstore.sdk.document_bounds import Deadline, check_length
from gptstore.sdk.plain_text import decode

_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg", "head", "title"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins", "kbd"}
    | {"label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"}
)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_HEAD = 2_000
_PIECE = 100_000


def read_html(data: bytes, deadline: Deadline) -> str:
    """Return the text that a page shows. Raises DocumentError."""
    parser = _Text()
    text = _decode(data)
    for start in range(0, len(text), _PIECE):
        deadline.check()
        parser.feed(text[start : start + _PIECE])
    parser.close()
    return parser.lines()


def _decode(data: bytes) -> str:
    found = _CHARSET.search(data[:_HEAD])
    if found:
        try:
            return data.decode(found[1].decode("ascii"))
        except (LookupError, UnicodeError):
            pass
    return decode(data)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.unseen: str | None = None
        self.depth = 0
        self.parts: list[str] = []
        self.length = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.unseen is None and tag in _UNSEEN:
            self.unseen, self.depth = tag, 0
        if tag == self.unseen:
            self.depth += 1
        if tag == "body":
            self.unseen = None
        self._end_line(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unseen:
            self.depth -= 1
            if self.depth == 0:
                self.unseen = None
        self._end_line(tag)

    def handle_data(self, data: str) -> None:
        if self.unseen is None:
            self.length += len(data)
            check_length(self.length)
            self.parts.append(data.replace("\v", " "))

    def _end_line(self, tag: str) -> None:
        if tag not in _INLINE and tag not in _UNSEEN:
            self.parts.append("\v")

    def lines(self) -> str:
        lines = [_SPACE.sub(" ", line).strip() for line in "".join(self.parts).split("\v")]
        return "\n".join(line for line in lines if line)
