"""Finds pages of the documentation by words. There are two dozen pages, so all of them are read for each search."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from re import Pattern

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from gptstore.web.docs.library import Library, Page
from gptstore.web.docs.sections import Section

MAX_WORDS = 10
MAX_SECTIONS = 3
SNIPPET = 200
"""Characters of text that a hit shows."""

BEFORE = 50
"""The number of them before the first word that was found."""


@dataclass(frozen=True)
class Hit:
    """A part of a page in which words were found. title, snippet: HTML with the words marked."""

    url: str
    title: SafeString
    snippet: SafeString


@dataclass(frozen=True)
class Found:
    """A page that has all the words, and the parts of it that have most of them."""

    page: Page
    title: SafeString
    hits: list[Hit]


def search(library: Library, query: str) -> list[Found]:
    """Find the pages that have every word of `query`: first where titles have them, then headings, then the text.

    The beginning of a word is enough; case does not matter. A query without a letter or digit finds nothing.
    """
    words = patterns(query)
    if not words:
        return []
    found = [page for page in library.pages.values() if all(has(word, page) for word in words)]
    return [describe(page, words) for page in sorted(found, key=lambda page: rank(page, words), reverse=True)]


def patterns(query: str) -> list[Pattern[str]]:
    """Return one pattern a word. A word also begins after an underscore, as in GPTSTORE_MODEL."""
    words = [word for part in query.split() if (word := part.strip("\"'`.,;:!?()[]{}<>“”"))]
    known = [word for word in dict.fromkeys(words) if any(map(str.isalnum, word))][:MAX_WORDS]
    return [re.compile(rf"(?<![^\W_]){re.escape(word)}", re.IGNORECASE) for word in known]


def has(word: Pattern[str], page: Page) -> bool:
    return bool(word.search(page.title)) or any(in_section(word, section) for section in page.sections)


def in_section(word: Pattern[str], section: Section) -> bool:
    return bool(word.search(section.title) or word.search(section.text))


def rank(page: Page, words: list[Pattern[str]]) -> tuple[int, int, int]:
    """Count the words that the title has, then those that its headings have, then their occurrences in the text."""
    headings = " ".join(section.title for section in page.sections)
    texts = sum(len(word.findall(section.text)) for word in words for section in page.sections)
    return count(words, page.title), count(words, headings), texts


def count(words: list[Pattern[str]], text: str) -> int:
    return sum(bool(word.search(text)) for word in words)


def describe(page: Page, words: list[Pattern[str]]) -> Found:
    """Pick the sections with most of the words, those with a word in their heading first, in the order of the page."""

    def weight(section: Section) -> tuple[int, int]:
        return sum(in_section(word, section) for word in words), count(words, section.title)

    hits = [section for section in page.sections if weight(section)[0]]
    best = sorted(hits, key=weight, reverse=True)[:MAX_SECTIONS]
    shown = [make_hit(page, section, words) for section in page.sections if section in best]
    return Found(page, marked(page.title, words), shown)


def make_hit(page: Page, section: Section, words: list[Pattern[str]]) -> Hit:
    url = f"{page.url}#{section.anchor}" if section.anchor else page.url
    return Hit(url, marked(section.title, words), marked(snippet(section.text, words), words))


def snippet(text: str, words: list[Pattern[str]]) -> str:
    """Return the piece of the text that has most of the words, cut between words; its beginning when it has none."""
    places = sorted((match.start(), number) for number, word in enumerate(words) for match in word.finditer(text))
    starts = [place for place, _number in places]
    best = max(starts, key=lambda start: (variety(places, start), -start), default=0)
    begin = text.rfind(" ", 0, max(best - BEFORE, 0)) + 1 if best > BEFORE else 0
    end = begin + SNIPPET
    if end < len(text):
        end = max(text.rfind(" ", begin, end), best + 1)
    return ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")


def variety(places: Iterable[tuple[int, int]], start: int) -> int:
    """Count the words that begin within one snippet from `start` on."""
    return len({number for place, number in places if start <= place < start + SNIPPET - BEFORE})


def marked(text: str, words: list[Pattern[str]]) -> SafeString:
    """Return the text as HTML, each word that was found within <mark>."""
    if not text:
        return SafeString("")
    pieces, end = [], 0
    for match in re.finditer("|".join(word.pattern for word in words), text, re.IGNORECASE):
        pieces += [escape(text[end : match.start()]), f"<mark>{escape(match[0])}</mark>"]
        end = match.end()
    return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308 - each piece is escaped
