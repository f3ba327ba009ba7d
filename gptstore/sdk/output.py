"""The kinds of output that a tool can have: the one list, for authors, manifests, the catalogue and the API."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from gptstore.sdk.translation import gettext_noop

OutputName = Literal["text", "markdown", "code", "json"]
"""The same list for type checkers, which read no other: `@tool(output="markdown")`."""


class OutputKind(StrEnum):
    """A kind of a tool's output, which decides how it is shown. `label` is the text for people, in English."""

    TEXT = "text", gettext_noop("Text")
    MARKDOWN = "markdown", gettext_noop("Markdown")
    CODE = "code", gettext_noop("Code")
    JSON = "json", gettext_noop("JSON")

    label: str

    def __new__(cls, value: str, label: str = "") -> OutputKind:
        kind = str.__new__(cls, value)
        kind._value_, kind.label = value, label
        return kind
