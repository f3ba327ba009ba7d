"""Finds tools by words. The catalogue is small, so it is read whole; that also folds case in every script."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from gptstore.catalog.models import Tool


def search(tools: Iterable[Tool], query: str) -> list[Tool]:
    """Return the tools with every word of `query` in their title, summary, tags or category, best first."""
    words = query.casefold().split()
    ranked = [(rank(tool, words), tool) for tool in tools]
    return [tool for score, tool in sorted(ranked, key=lambda pair: -pair[0]) if score]


def rank(tool: Tool, words: list[str]) -> int:
    """Add up the scores of the words; 0 when one is missing."""
    scores = [score(tool, word) for word in words]
    return sum(scores) if all(scores) else 0


def score(tool: Tool, word: str) -> int:
    titles = [title.casefold() for title in (tool.title, tool.localized.title)]
    if any(title.startswith(word) for title in titles):
        return 8
    if any(word in title for title in titles):
        return 6
    if any(word in str(tag).casefold() for tag in tool.tags):
        return 4
    if any(word in title.casefold() for title in (tool.category.title, _(tool.category.title))):
        return 2
    return 1 if any(word in summary.casefold() for summary in (tool.summary, tool.localized.summary)) else 0
