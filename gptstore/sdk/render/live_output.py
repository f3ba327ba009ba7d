"""The output of a run while it grows: a head that is drawn as its kind, and a plain tail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gptstore.sdk.stored_file import MAX_HEAD

MAX_RENDERED = 200_000
"""The limit in characters; longer texts are shown as they are: markup of that size costs more than it helps."""


@dataclass(frozen=True)
class PartialOutput:
    """The text so far, or all of it. kind: as in `gptstore.sdk.output.OutputKind`, by its name."""

    whole: str
    kind: str
    is_final: bool

    @property
    def is_text(self) -> bool:
        """Return whether its stored form is what people read."""
        return self.kind not in ("table", "file")

    @cached_property
    def text(self) -> str:
        """Return the text that a page shows: its first part, if it is long; of a file nothing but its beginning."""
        match self.kind:
            case "table":
                return self.whole[: self.whole.rfind("\n") + 1]
            case "file":
                return self.whole[:MAX_HEAD]
        return first_part(self.whole)

    @property
    def is_cut(self) -> bool:
        """Return whether a text is longer than what a page shows."""
        return self.is_text and len(self.text) < len(self.whole)

    @cached_property
    def head(self) -> str:
        """Return the text to draw as its kind: while a run goes on nothing of plain text, and whole lines of code.

        Drawn Markdown loses the spaces at its end, so they are left to what comes after them.
        """
        text = self.text
        if self.is_final or not self.is_text:
            return text
        if self.kind == "markdown":
            return text.rstrip(" ")
        return "" if self.kind == "text" else text[: text.rfind("\n") + 1]

    @property
    def tail(self) -> str:
        return self.text[len(self.head) :]

    @property
    def is_open(self) -> bool:
        """Return whether the head ends within a line, which the tail continues."""
        return bool(self.head) and not self.head.endswith("\n")

    @property
    def covered(self) -> int:
        """Return the length of the head in UTF-16 units, as JavaScript counts."""
        return len(self.head.encode("utf-16-le", "surrogatepass")) // 2


def first_part(text: str) -> str:
    """Return the text up to the last line that ends within MAX_RENDERED characters; lines may be longer than that."""
    if len(text) <= MAX_RENDERED:
        return text
    return text[: text.rfind("\n", MAX_RENDERED // 2, MAX_RENDERED) + 1 or MAX_RENDERED]
