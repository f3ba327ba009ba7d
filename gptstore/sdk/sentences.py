"""Splits text into sentences, by the punctuation of many scripts (Unicode's property Sentence_Terminal)."""

from __future__ import annotations

import regex

from gptstore.sdk.abbreviations import keeps_full_stop
from gptstore.sdk.lines import BREAKS
from gptstore.sdk.list_items import BULLETS, ITEM_AHEAD, is_next_item, is_only_marker
from gptstore.sdk.wrapped_lines import wrapped_breaks

_CLOSERS = r"""(?: [\p{Pf}\p{Pe}"'“‘»›«‹] | [ \u00a0\u202f]»(?!\w) | \[\d{1,3}\] | [¹²³⁴⁵⁶⁷⁸⁹⁰] )*+"""
_WIDE_CLOSERS = r"""[\p{Pe}\p{Pf}"']*+"""
# Not the Burmese comma; and the Khmer full stop, which Unicode has only later.
_TERMINAL = r"[\p{Sentence_Terminal}។៕--[.!?\u203c\u203d\u2047-\u2049\u104a]]"

_CANDIDATE = regex.compile(
    rf"""
      (?= [.!?…‼‽⁇⁈⁉] (?<! [.!?…‼‽⁇⁈⁉]{{2}}) | [^\w.!?…‼‽⁇⁈⁉] )
    (?:
      (?P<space> [^\S{BREAKS}] ) (?= {ITEM_AHEAD} )
    | (?P<run> (?<!\.[\ \u00a0]) \.(?:[\ \u00a0]\.)++ | [.!?…‼‽⁇⁈⁉]++
             | ;(?<=\p{{Greek}}\p{{M}}*;) | :(?<=\p{{Armenian}}:) )
      (?P<closers> {_CLOSERS} ) (?: \s++ | \Z )
    | (?P<mixed> [.…]*+ [!?]++ ) {_CLOSERS} (?= [\p{{Han}}\p{{Hiragana}}\p{{Katakana}}] )
    | (?P<wide> (?: (?!．\p{{Nd}}) {_TERMINAL} )++ ) (?P<quote> {_WIDE_CLOSERS} ) \s*+
    | (?P<line> \r\n | [{BREAKS}] ) \s*+
    )
    """,
    regex.VERBOSE | regex.V1,
)
_ITEM_AHEAD = regex.compile(ITEM_AHEAD, regex.VERBOSE)
_OPENERS = "\"'“‘«‹„‚,([{¿¡—–-*\u00a0\u202f \n\r\t" + BULLETS
_NAME_IN_LOWER_CASE = regex.compile(r"\p{Ll}\p{Lu}")
_PARTICLE = regex.compile(r"[をの]|って|と(?!ても|ころで|にかく)|は(?!い)|が(?!ん)|に(?!は)")  # after a Japanese quote
_RANGE = regex.compile(r"[-–]\d")
_LINE_BREAK = regex.compile(rf"\r\n|[{BREAKS}]")

_MAX_LOOK = 48
_MAX_TITLE = 64


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the white space that follows it: `"".join(result) == text`.

    Knows the punctuation of many scripts and the abbreviations of several languages. A line that was only wrapped, as
    in the text of a PDF, goes on in the next one: `join_lines` shows such a sentence on one line. Any other new line is
    a border, and so is a list item. Time grows linearly with the text.
    """
    sentences, start = [], 0
    for end in sentence_ends(text):
        sentences.append(text[start:end])
        start = end
    return sentences


def sentence_ends(text: str) -> list[int]:
    """Return the positions where sentences end, behind the white space that follows them."""
    ends: list[int] = []
    start = 0
    wrapped = wrapped_breaks(text)
    for match in _CANDIDATE.finditer(text):
        end = _end(text, start, match, wrapped)
        if end is not None and end > start and not text[start:end].isspace():
            ends.append(end)
            start = end
    if start < len(text):
        if ends and text[start:].isspace():
            ends.pop()
        ends.append(len(text))
    return ends


def _end(text: str, start: int, match: regex.Match[str], wrapped: set[int]) -> int | None:
    """Return where the sentence ends by this candidate, or None."""
    end = match.end()
    if _ends_here(text, start, match, wrapped):
        # Of a full stop and an ellipsis, the ellipsis belongs to the next sentence.
        return match.start() + 2 if _is_stop_and_ellipsis(text, match) else end
    begins_item = _ITEM_AHEAD.match(text, end) and (text[end] in BULLETS or is_next_item(text, start, end))
    return end if begins_item else None


def _ends_here(text: str, start: int, match: regex.Match[str], wrapped: set[int]) -> bool:
    end = match.end()
    if match["space"] is not None:
        return False
    if any(found.start() not in wrapped for found in _LINE_BREAK.finditer(text, match.start(), end)):
        return True
    if match["line"] is not None:
        return False
    if match["wide"] is not None:
        return _ends_wide(text, start, match)
    return match["run"] is None or end == len(text) or _ends_western(text, start, match)


def _is_stop_and_ellipsis(text: str, match: regex.Match[str]) -> bool:
    run = match["run"] or ""
    return run.count(".") > 3 and " " in run and match.end() < len(text) and not text[match.start() - 1].isspace()


def _ends_wide(text: str, start: int, match: regex.Match[str]) -> bool:
    end = match.end()
    if text.startswith(("，", "、", "；", "：", ","), end) or (match["quote"] and _PARTICLE.match(text, end)):
        return False
    return not any(_is_inside(text, start, match.start(), match.end("wide"), *signs) for signs in ("《》", "〈〉"))


def _is_inside(text: str, start: int, first: int, last: int, opener: str, closer: str) -> bool:
    """Return whether `text[first:last]` stands in a title that was opened in this sentence and is closed behind it."""
    opened = text.rfind(opener, max(start, first - _MAX_TITLE), first)
    if opened < 0 or text.find(closer, opened, first) >= 0:
        return False
    closed = text.find(closer, last, last + _MAX_TITLE)
    return closed >= 0 and text.find(opener, last, closed) < 0


def _ends_western(text: str, start: int, match: regex.Match[str]) -> bool:
    run = match["run"]
    following = text[match.end() : match.end() + _MAX_LOOK].lstrip(_OPENERS)
    if following[:1].islower() and not _NAME_IN_LOWER_CASE.match(following):
        return False
    before = text[match.start() - 1 : match.start()]
    if following[:1] in (*",;:)/",) or (before.isdigit() and _RANGE.match(text, match.end())):
        return False
    is_ellipsis = "…" in run or run.count(".") > 2
    if is_ellipsis and (before in ("[", "(") or (before.isspace() and run.count(".") < 4)):
        return False
    if run.strip("."):
        return True
    if len(run) > 2:
        return True
    if is_only_marker(text, start, match.start()):
        return False
    window = max(start, match.start() - _MAX_LOOK)
    words = text[window : match.start()].split()
    words = [word.lstrip(_OPENERS) or word for word in words[-4:]]
    return not words or not keeps_full_stop(words, following)
