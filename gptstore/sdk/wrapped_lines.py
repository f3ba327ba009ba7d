"""Lines that were cut where the page ended, as in the text of a PDF, told from lines that their writer ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from gptstore.sdk.lines import BREAKS
from gptstore.sdk.list_items import begins_item, is_only_marker

WIDE = r"\p{Han}\p{Hiragana}\p{Katakana}ー、。，．：；！？「」『』（）《》〈〉【】"
"""Signs of Chinese and Japanese, between which lines are joined without a space, for a class of `regex`."""

MIN_WIDTH = 40
"""The least width of a page, in columns; shorter lines are wrapped only where the next one goes on in lower case."""

SURE_WIDTH = 60
FULL = 0.75

_LINE = regex.compile(rf"([^{BREAKS}]*+)(\r\n|[{BREAKS}]|\Z)")
_WIDE = regex.compile(rf"[{WIDE}]")
_FIRST_WORD = regex.compile(rf"\s*+(?:[{WIDE}]|[^\s{WIDE}]++)")
_GOES_ON = regex.compile(r"""\s*+[("'“‘«„\[]*+\p{Ll}""")
_STOP = regex.compile(r"""[\p{Sentence_Terminal}…][\p{Pf}\p{Pe}"'“‘»«]*+(?=\s|$)|[。！？]""")
_ENDED = regex.compile(r"""[\p{Sentence_Terminal}…][\p{Pf}\p{Pe}"'“‘»«\s]*+$""")
_NEVER_LAST = """
a an the of to in on at by for from with and or but that which who is are was were be as its their his her our my your
this these than not
de du des le la les un une et ou à au aux en dans par pour sur que qui
der die das den dem des ein eine einen einem einer und oder mit von zu zum zur im am auf für dass nach bei aus wie
el los las una y o del al con por para se su il lo gli e di che per
"""
_OPEN_END = regex.compile(
    rf"""
    (?: [,，、،;(\[“„«¿¡-] | \p{{Ll}}\u00ad | (?<=\p{{Han}})の | (?<=\p{{Hiragana}})[のをにはがとで]
      | \b (?: {"|".join(_NEVER_LAST.split())} ) ) \s*+ $
    """,
    regex.VERBOSE,
)
_SPACES = regex.compile(r"\s+")


@dataclass(frozen=True)
class _Line:
    text: str
    end: int
    width: int
    begins_item: bool

    @property
    def is_row(self) -> bool:
        return "\t" in self.text.strip()

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())


def wrapped_breaks(text: str) -> set[int]:
    """Return the positions of the line breaks that are none of the writer's: the sentence goes on behind them."""
    return {position for paragraph in _paragraphs(text) for position in _wrapped(paragraph)}


def join_lines(text: str) -> str:
    """Return a sentence that crosses lines on one line, its white space as single spaces, and none within Chinese."""
    joined = _SPACES.sub(" ", text.strip().replace("\u00ad\n", ""))
    return regex.sub(rf"(?<=[{WIDE}]) (?=[{WIDE}])", "", joined)


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    """Yield the lines without a blank one between them; each list item begins anew."""
    paragraph: list[_Line] = []
    for match in _LINE.finditer(text):
        line = match[1]
        if line.isspace() or not line:
            yield paragraph
            paragraph = []
            continue
        item = begins_item(text, match.start())
        if item:
            yield paragraph
            paragraph = []
        paragraph.append(_Line(line, match.end(1), len(line) + len(_WIDE.findall(line)), item))
    yield paragraph


def _wrapped(paragraph: Sequence[_Line]) -> Iterator[int]:
    if len(paragraph) < 2:
        return
    width = max(line.width for line in paragraph)
    full = sum(line.width >= FULL * width for line in paragraph[:-1])
    last_stop = max((i for i, line in enumerate(paragraph) if _STOP.search(line.text)), default=-1)
    inside = False
    for i in range(len(paragraph) - 1):
        inside = _goes_on(paragraph[i], paragraph[i + 1], _Page(width, full, i < last_stop, inside))
        if inside:
            yield paragraph[i].end


@dataclass(frozen=True)
class _Page:
    """What is known around a line break.

    full: how many lines are nearly as long as the longest. has_stop: a sentence ends further down. inside: the line
    before the break goes on from another one.
    """

    width: int
    full: int
    has_stop: bool
    inside: bool


def _goes_on(line: _Line, following: _Line, page: _Page) -> bool:
    """Return whether a sentence of this line may go on in the following one."""
    if line.is_row or following.is_row:
        return False
    if _ENDED.search(line.text) or is_only_marker(line.text, 0, len(line.text)):
        return True  # what stands before the break decides
    if line.text.rstrip().endswith((":", "：")):
        return False
    if _GOES_ON.match(following.text):
        begun = page.inside or not _GOES_ON.match(line.text)
        return page.width >= MIN_WIDTH or (page.has_stop and begun)
    if following.indent > line.indent and not line.begins_item:
        return False
    if _OPEN_END.search(line.text) and 2 * line.width >= page.width:
        return page.has_stop or page.width >= MIN_WIDTH
    is_page = page.width >= SURE_WIDTH or (page.width >= MIN_WIDTH and page.full > 1)
    return is_page and page.has_stop and not _has_room(line, following, page.width)


def _has_room(line: _Line, following: _Line, width: int) -> bool:
    """Return whether the first word of the following line would have stood on this one, had it not been ended."""
    found = _FIRST_WORD.match(following.text)
    word = found.group().strip() if found else ""
    wide = len(_WIDE.findall(word))
    return line.width + len(word) + wide + (0 if wide else 1) <= width
