"""Makes untrusted text safe to print on a terminal, which takes some characters for orders.

What a model or a plugin says may hold escape sequences that clear the screen, change the title or answer in the
person's name. Each control character becomes one that shows it: ESC is printed as ␛.
"""

from __future__ import annotations

import re

from gptstore.sdk.lines import in_one_line

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DELETE = "\x7f"


def harmless(text: str) -> str:
    """Return the text without control characters except tabs and line feeds."""
    return _CONTROL.sub(_picture, text)


def harmless_line(text: str) -> str:
    """Return the text in one line without control characters."""
    return harmless(in_one_line(text).replace("\t", " "))


class TerminalText:
    """Makes pieces of one text harmless. A carriage return ends a line, as at the end of lines from Windows."""

    def __init__(self) -> None:
        self._after_return = False

    def piece(self, text: str) -> str:
        if self._after_return and text.startswith("\n"):
            text = text[1:]
            self._after_return = False
        if text:
            self._after_return = text.endswith("\r")
        return harmless(text.replace("\r\n", "\n").replace("\r", "\n"))


def _picture(found: re.Match[str]) -> str:
    character = found[0]
    if character == _DELETE:
        return "␡"
    return chr(0x2400 + ord(character)) if character < " " else "�"
