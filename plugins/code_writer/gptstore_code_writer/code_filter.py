"""Takes the code out of a model's answer, while it streams where that can be right."""

import re
from collections.abc import Iterable, Iterator

from gptstore_base_model_aids.unfenced_code import begins_code, is_prose, may_be_prose, may_become_prose
from gptstore_code_writer.code_blocks import closes_block, extract, opens_block, python_parses
from gptstore_code_writer.languages import Language

FENCE = re.compile(r"`{3,}|~{3,}")
FENCE_LIKE = re.compile(r"[ \t]*[`~]")
FENCE_OR_TAG = re.compile(r"[ \t]*[`~<]")
BARE_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})\s*")


def code_only(pieces: Iterable[str], language: Language, *, prose_first: bool) -> Iterator[str]:
    """Pass on the code of an answer, without fences and without the words around it.

    An answer that begins with a block of `language`, as chat models are asked to, streams until the block's end, where
    reading stops; so does one that begins with code and no fence. Any other answer is read to its end first: only then
    is it known which of its blocks is the longest that parses. A base model's answer streams from its first word.

    prose_first: whether the model may begin with sentences, as chat models do.
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
    """Reads an answer line by line, and shows a line of code as soon as it can't be a fence any more.

    `_read` is the way in which the next line is read. It begins as `_begin`, which finds out what kind of answer it is.
    """

    def __init__(self, language: Language, *, prose_first: bool) -> None:
        self.language = language
        self.prose_first = prose_first
        self.done = False
        self._read = self._begin
        self._answer = ""
        self._line = ""  # the last line, which may not be complete
        self._shown = 0  # characters of it
        self._code = ""  # all that was shown
        self._pending = ""  # what comes before the next text that is shown
        self._marks = ""  # of the opening fence

    def feed(self, piece: str) -> str:
        """Return the code that `piece` adds. Once `done`, there is no more."""
        shown = ""
        self._answer += piece
        self._line += piece
        while "\n" in self._line and not self.done:
            line, self._line = self._line.split("\n", 1)
            shown += self._read(line.removesuffix("\r"), complete=True)
        return shown if self.done else shown + self._read(self._line.removesuffix("\r"), complete=False)

    def finish(self) -> str:
        """Return the rest of the code when the answer ends."""
        if self.done:
            return ""
        line = self._line.removesuffix("\r")
        if self._marks and line.endswith(self._marks) and not closes_block(line, self._marks):
            line = line.removesuffix(self._marks)
        shown = self._read(line, complete=True)
        return extract(self._answer, self.language) if self._read in (self._begin, self._collect) else shown

    def _begin(self, line: str, *, complete: bool) -> str:
        """Wait for a line that says how the answer is read."""
        is_open = self.prose_first or may_become_prose(line) or FENCE_OR_TAG.match(line)
        if not line.strip() or (is_open and not complete):
            return ""
        self._marks = opens_block(line, self.language)
        if self._marks:
            self._read = self._read_block
            return ""
        has_fence = FENCE.search(line) if is_open else FENCE.match(line.lstrip())
        is_tag = line.lstrip().startswith("<") and self.language != "html"
        begins = begins_code(line, after_prose=self.prose_first) and not (has_fence or is_tag)
        self._read = self._read_bare if begins else self._collect
        return self._read(line, complete=complete)

    def _collect(self, line: str, *, complete: bool) -> str:
        """Leave all to the end."""
        return ""

    def _read_block(self, line: str, *, complete: bool) -> str:
        """Read a line after the opening fence."""
        if complete and closes_block(line, self._marks):
            return self._close(line)
        if not complete and set(line.strip()) <= {self._marks[0]}:
            return ""
        if complete and self._is_glued(line):
            self.done = True
            return self._show(line.removesuffix(self._marks), complete=True)
        return self._show(line if complete else line.rstrip(self._marks[0]), complete=complete)

    def _close(self, line: str) -> str:
        """End here, but for Python in a string: such a block may go on to a later fence, if it parses then."""
        if not self._code:
            self._read = self._collect
        elif self.language == "python" and not python_parses(self._code):
            self._read = self._read_beyond
            self._pending += f"{line}\n"
        else:
            self.done = True
        return ""

    def _read_beyond(self, line: str, *, complete: bool) -> str:
        if not complete:
            return ""
        more = self._pending.removesuffix("\n")
        if BARE_FENCE.fullmatch(line) and python_parses(self._code + more):
            self.done = True
            return more
        self._pending += f"{line}\n"
        return ""

    def _read_bare(self, line: str, *, complete: bool) -> str:
        """Read a line of code without an opening fence; a fence ends it, as do sentences at its end."""
        if not self._shown:
            if complete and FENCE.match(line.lstrip()):
                self.done = True
                return ""
            if not complete and (not line.strip() or FENCE_LIKE.match(line) or may_become_prose(line)):
                return ""
            if complete and self._code and (is_prose(line) or may_be_prose(line)):
                self._pending += f"{line}\n"
                return ""
        return self._show(line, complete=complete)

    def _show(self, line: str, *, complete: bool) -> str:
        """Return what is new in a line, after the line breaks before it; a blank line waits for one that is not."""
        new = line[self._shown :] if line.strip() else ""
        shown = (self._pending if self._code else "") + new if new else ""
        self._code += shown
        self._pending = ("" if new else self._pending) + ("\n" if complete else "")
        self._shown = 0 if complete else len(line)
        return shown

    def _is_glued(self, line: str) -> bool:
        """Return whether it ends with the closing fence, so that Python parses without that only."""
        if self.language != "python" or not line.endswith(self._marks):
            return False
        code = self._code + self._pending + line[self._shown :]
        return python_parses(code.removesuffix(self._marks)) and not python_parses(code)
