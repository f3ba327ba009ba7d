"""Makes of a query what the index is asked for: one expression for each level of how well a tool fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gptstore.catalog.index.expression import Expression, Term
from gptstore.catalog.index.spelling import corrections_of
from gptstore.catalog.index.tokens import DESCRIPTION, LABEL, SUMMARY, TITLE, facet, whole_title
from gptstore.catalog.index.words import words_to_find
from gptstore.catalog.models import Category
from gptstore.catalog.search.categories import matching_categories

MAX_WORDS = 24
FIELDS = (TITLE, TITLE + LABEL, TITLE + LABEL + SUMMARY, TITLE + LABEL + SUMMARY + DESCRIPTION)
"""Where all words must stand, from the best level to the last."""


@dataclass(frozen=True)
class Filters:
    """What the tools must be besides. Each is a whole value; "" for any.

    category: the slug of one. language: one of the tool's texts, such as zh-hans, or zh. publisher: its `author`.
    """

    category: str = ""
    tag: str = ""
    language: str = ""
    output: str = ""
    publisher: str = ""


ANY = Filters()


@dataclass(frozen=True)
class Levels:
    """all: what fits at all. by_level: that in parts, the best one first; no tool is in two of them.

    corrected: whether other words are looked for, too. corrections: which ones, by the words of the query.
    """

    all: Expression
    by_level: Sequence[Expression]
    corrected: bool
    corrections: Mapping[str, Sequence[str]]


def levels_of(query: str, filters: Filters, *, corrected: bool = False) -> Levels | None:
    """Return the levels of a query; None when nothing can fit, or nothing can be corrected. Without one, filters alone
    decide.

    corrected: whether to look for words that are one mistake away, too, and for a run of Chinese in any order of its
    words.
    """
    words = words_to_find(query)[:MAX_WORDS]
    corrections: dict[str, list[str]] = {}
    if corrected:
        loose = words_to_find(query, loose=True)[:MAX_WORDS]
        corrections = {word: others for word, _is_prefix in loose if (others := corrections_of(word))}
        if not corrections and loose == words:
            return None
        words = loose
    if query.strip() and not words:
        return None
    categories = {row.pk: row for row in Category.objects.only("slug", "title").order_by()}
    facets = facets_of(filters, {row.slug: pk for pk, row in categories.items()})
    if not words:
        return Levels(Expression(facets), [Expression(facets)], corrected, corrections) if facets else None
    titles = {pk: row.title for pk, row in categories.items()}

    def group(word: str, is_prefix: bool, where: str) -> list[Term]:
        """Return the terms of which one must be there for this word to stand in one of these fields."""
        terms = [Term(letter + word, is_prefix) for letter in where]
        terms += [Term(letter + other) for other in corrections.get(word, ()) for letter in where]
        if LABEL in where:
            terms += [Term(facet("category", pk)) for pk in matching_categories(titles, word, is_prefix=is_prefix)]
        return terms

    def all_in(where: str) -> list[list[Term]]:
        return [*facets, *(group(word, is_prefix, where) for word, is_prefix in words)]

    whole = whole_title(query)
    wanted = [
        [*all_in(TITLE), [Term(whole)]],
        [*all_in(TITLE), [Term(whole, is_prefix=True)]],
        *(all_in(where) for where in FIELDS),
    ]
    before = [None, *map(Expression, wanted[:-1])]
    by_level = [Expression(groups, without) for groups, without in zip(wanted, before, strict=True)]
    return Levels(Expression(wanted[-1]), by_level, corrected, corrections)


def facets_of(filters: Filters, categories: Mapping[str, int]) -> list[list[Term]]:
    """Return the terms that must be there for these filters. categories: their ids by slug."""
    values = {
        "category": filters.category and categories.get(filters.category, 0),
        "tag": filters.tag,
        "language": filters.language.casefold(),
        "output": filters.output,
        "publisher": filters.publisher,
    }
    return [[Term(facet(name, value))] for name, value in values.items() if value != ""]
