"""The kinds of output that a tool can have: the one list, for authors, manifests, the catalogue and the API."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from gptstore.sdk.translation import gettext_noop

OutputName = Literal["text", "markdown", "code", "json", "table", "file"]
"""The same list for type checkers, which read no other: `@tool(output="markdown")`."""


class OutputKind(StrEnum):
    """A kind of a tool's output, which decides how it is shown. `label` is the text for people, in English.

    Every output is a text while it travels and where it is stored. That of a table is what `stored_table` writes, that
    of a file what `stored_file` writes.
    """

    TEXT = "text", gettext_noop("Text")
    MARKDOWN = "markdown", gettext_noop("Markdown")
    CODE = "code", gettext_noop("Code")
    JSON = "json", gettext_noop("JSON")
    TABLE = "table", gettext_noop("Table")
    FILE = "file", gettext_noop("File")

    label: str

    def __new__(cls, value: str, label: str = "") -> OutputKind:
        kind = str.__new__(cls, value)
        kind._value_, kind.label = value, label
        return kind


TEXTS = frozenset(OutputKind) - {OutputKind.TABLE, OutputKind.FILE}
"""The kinds whose stored form is what people read."""
