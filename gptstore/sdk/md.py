"""Plain text in Markdown: escaped, so that a reader sees it as it is."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

# What CommonMark 0.31.2 and GFM's tables and strikethrough read as markup, wherever it stands in a line.
_INLINE = re.compile(
    r"""
      [`*|\[<>]
    | ~~+
    | (?<!\w)_++ | _++(?![^\W_])     # between two letters it is no emphasis, section 6.2
    | \\(?![^\W_])                   # a backslash before a letter or a digit is one, section 2.4
    | &(?=\#?[0-9A-Za-z]+;)          # a character reference, section 2.5
    """,
    re.VERBOSE,
)

# What begins a block, at the start of a line; the backslash belongs behind the group `number`.
_BLOCK = re.compile(
    r"""
      [-+](?=\s|\Z)                  # a list
    | (?P<number>[0-9]{1,9})(?=[.)](?:\s|\Z))
    | \#{1,6}(?=\s|\Z)               # a heading
    | =(?==*\s*\Z)                   # the line below a heading
    | [-:](?=[-:|\s]*\Z)             # the same, a thematic break, or the line below a table's head
    """,
    re.VERBOSE,
)
_LINE_BREAK = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SPACES = " \t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ASCII = "".join(map(chr, range(ord("!"), ord("~") + 1)))
_UNFINISHED = re.compile(r"[-+=:#0-9~_\\&]")
_WORD = re.compile("[!-~]+")
_TICKS = re.compile("(`+)")
# The emphasis, code and links of a source that is Markdown, whose words a model may mark up in the same way.
_MARKUP = re.compile(
    r"(?<![\w*`])(?P<mark>\*{1,3}|`+)(?P<inside>[^\s*`](?:[^\n*`]*[^\s*`])?)(?P=mark)(?![\w*`])|\[[^\]\n]*\]\([^)\s]*\)"
)


def escape(text: str) -> str:
    """Return Markdown that shows this text: nothing in it is read as markup, and each of its lines stays a line.

    Use it for what comes from the user or from a plain answer of the model, in a tool with `output="markdown"`. The
    result may stand in a paragraph, a heading, a quote or a list, and a text of one line also in a cell of a table.
    """
    return _escape(text, starts_line=True)


def escape_pieces(pieces: Iterable[str]) -> Generator[str, None, str]:
    """Escape a stream, such as `ctx.model.stream` gives, word by word. Return the text as it was before."""
    text = held = ""
    starts_line = True
    for piece in pieces:
        text += piece
        held += piece
        ready = _finished(held)
        if ready:
            yield _escape(ready, starts_line)
            held, starts_line = held[len(ready) :], False
    if held:
        yield _escape(held, starts_line)
    return text


def escape_quoted(pieces: Iterable[str], source: str) -> Generator[str, None, str]:
    """Escape in a stream of Markdown the words that come from a text: the rest is the model's own markup.

    Words in code stay as they are, and so does the markup of a source that is Markdown itself. Return the text as it
    was before.
    """
    quoted = _words_with_signs(source)
    text = held = fence = ""
    for piece in pieces:
        text += piece
        held += piece
        ready = held.rstrip(_ASCII) if quoted else held
        if ready:
            shown, fence = _escape_words(ready, quoted, fence)
            yield shown
            held = held[len(ready) :]
    if held:
        yield _escape_words(held, quoted, fence)[0]
    return text


def _finished(text: str) -> str:
    """Return the beginning that nothing more makes markup of: up to a sign or a digit of the last word, or a space."""
    start = len(text.rstrip(_ASCII))
    sign = _UNFINISHED.search(text, start)
    return text[: sign.start() if sign else len(text)].rstrip()


def _words_with_signs(source: str) -> frozenset[str]:
    words = (core for word in _WORD.findall(_MARKUP.sub(r"\g<inside>", source)) for core in _cores(word))
    return frozenset(filter(_is_shown_otherwise, words))


def _is_shown_otherwise(word: str) -> bool:
    return "`" not in word and any(map(str.isalnum, word)) and _escape_line(word, False) != word


def _escape_words(text: str, quoted: frozenset[str], fence: str) -> tuple[str, str]:
    """Return the text with these words escaped. fence: the backticks that opened the code which the text begins in."""
    shown = ""
    for part in _TICKS.split(text):
        if part.startswith("`"):
            fence = "" if part == fence else fence or part
        elif not fence:
            part = _WORD.sub(lambda word: _escape_word(word[0], quoted), part)
        shown += part
    return shown, fence


def _escape_word(word: str, quoted: frozenset[str]) -> str:
    core = next((core for core in _cores(word) if core in quoted), "")
    return word.replace(core, _escape_line(core, False)) if core else word


def _cores(word: str) -> Iterator[str]:
    """Yield a word without the punctuation and emphasis around it; a character reference keeps its semicolon."""
    for around in (".,:!?()\"'", ".,:;!?()\"'"):
        yield word.strip(around)
        yield word.strip(around).strip("*").strip(around)


def _escape(text: str, starts_line: bool) -> str:
    first, *others = _LINE_BREAK.split(text)
    lines = [_escape_line(first, starts_line), *(_escape_line(line, True) for line in others)]
    blank = next((i for i, line in enumerate(reversed(lines)) if line), len(lines))
    ends = blank if blank < len(lines) else len(others)
    return "\\\n".join(lines[: len(lines) - ends]) + "&#10;" * ends


def _escape_line(line: str, starts_line: bool) -> str:
    escaped = _INLINE.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), line)
    if starts_line and (block := _BLOCK.match(line)):
        at = block.end("number") if block["number"] else 0
        escaped = f"{escaped[:at]}\\{escaped[at:]}"
    start = len(escaped) - len(escaped.lstrip(_SPACES)) if starts_line else 0
    end = max(start, len(escaped.rstrip(_SPACES)))
    return _encode(escaped[:start]) + escaped[start:end] + _encode(escaped[end:])


def _encode(spaces: str) -> str:
    """Return white space as character references, since Markdown drops it at both ends of a line."""
    return "".join(f"&#{ord(sign)};" for sign in spaces)
