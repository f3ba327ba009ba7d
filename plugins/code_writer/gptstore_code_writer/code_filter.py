"""Takes the code out of a model's answer while it streams."""

import re
from collections.abc import Iterable, Iterator

from gptstore_code_writer.languages import LABELS, Language
from gptstore_code_writer.prose import is_code, is_prose

OPENING = re.compile(r"^(?P<before>[^`~]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<label>[^\s`]*)[^`]*$")
FENCE_LINE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")
MAYBE_FENCE_LINE = re.compile(r"[ \t]*(?:`{0,2}|~{0,2})")


def code_only(pieces: Iterable[str], language: Language, *, prose_first: bool) -> Iterator[str]:
    """Pass on the code of an answer, without fences and without the words around it, as far as possible at once.

    An answer with fences gives its first block of `language` (or of no named language); an answer without gives all
    of it but leading sentences. Reading stops at the end of the block.

    prose_first: whether the model may begin with sentences, as chat models do; False passes the first line on at once.
    """
    code = CodeFilter(language, prose_first=prose_first)
    for piece in pieces:
        shown = code.feed(piece)
        if shown:
            yield shown
        if code.done:
            break
    shown = code.finish()
    if shown:
        yield shown


class CodeFilter:
    """Reads an answer line by line, and shows a line of code as soon as it can't be a fence any more."""

    def __init__(self, language: Language, *, prose_first: bool) -> None:
        self.language = language
        self.prose_first = prose_first
        self.done = False
        self._line = ""
        self._inside = False
        self._fence: str | None = None
        self._indent = 0
        self._shown = 0
        self._breaks = ""
        self._started = False
        self._before: list[str] = []
        self._other: list[str] = []
        self._other_closed = False
        self._skipping = False

    def feed(self, piece: str) -> str:
        """Return the code that `piece` adds. Once `done`, there is no more."""
        shown = ""
        self._line += piece
        while "\n" in self._line and not self.done:
            line, self._line = self._line.split("\n", 1)
            shown += self._read(line.removesuffix("\r"), complete=True)
        return shown if self.done else shown + self._read(self._line.removesuffix("\r"), complete=False)

    def finish(self) -> str:
        """Return the rest of the code when the answer ends."""
        if self.done:
            return ""
        shown = self._read(self._line.removesuffix("\r"), complete=True)
        if self._started or self.done:
            return shown
        if self._other:
            return "\n".join(self._other).strip("\n")
        return self._without_prose()

    def _read(self, line: str, *, complete: bool) -> str:
        if self._skipping:
            self._skip(line, complete)
            return ""
        return self._read_code(line, complete) if self._inside else self._read_before(line, complete)

    def _read_before(self, line: str, complete: bool) -> str:
        if not complete and self.prose_first:
            return ""
        opening = OPENING.match(line)
        if opening and opening["before"].strip() and not self.prose_first:
            opening = None
        if not complete and (opening or MAYBE_FENCE_LINE.fullmatch(line)):
            return ""
        if opening:
            self._open(opening)
        elif not self._before and (is_code(line) if self.prose_first else line.strip()):
            self._inside = True
            return self._read_code(line, complete)
        elif line.strip() or self._before:
            self._before.append(line)
        return ""

    def _open(self, opening: re.Match[str]) -> None:
        self._fence = opening["fence"]
        self._indent = 0 if opening["before"].strip() else len(opening["before"])
        label = LABELS.get(opening["label"].strip("{}.").lower())
        self._inside = label in (None, self.language)
        self._skipping = not self._inside

    def _skip(self, line: str, complete: bool) -> None:
        """Keep a block of another language, in case no better one follows."""
        if not complete:
            return
        if self._closes(line):
            self._skipping, self._other_closed = False, True
        elif not self._other_closed:
            self._other.append(line)

    def _read_code(self, line: str, complete: bool) -> str:
        if not self._shown:
            if not complete and self._may_close(line):
                return ""
            if complete and self._closes(line):
                self.done = True
                return ""
            if not line.strip():
                self._breaks += "\n"
                return ""
        text = self._unindent(line)
        shown = ("" if self._shown or not self._started else self._breaks) + text[self._shown :]
        self._started = True
        self._shown = 0 if complete else len(text)
        self._breaks = "\n"
        return shown

    def _closes(self, line: str) -> bool:
        if self._fence is None:
            return FENCE_LINE.match(line) is not None
        text = line.strip()
        return len(text) >= len(self._fence) and set(text) == {self._fence[0]}

    def _may_close(self, line: str) -> bool:
        if self._fence is None:
            return MAYBE_FENCE_LINE.fullmatch(line) is not None or FENCE_LINE.match(line) is not None
        return set(line.strip()) <= {self._fence[0]}

    def _unindent(self, line: str) -> str:
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(spaces, self._indent) :]

    def _without_prose(self) -> str:
        lines = list(self._before)
        while lines and (not lines[0].strip() or is_prose(lines[0])):
            lines.pop(0)
        return "\n".join(lines).rstrip()
