"""What the index holds of a tool: its words in all languages, by where they stand, and what it can be filtered by."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any

from gptstore.catalog.index.words import split, words_to_index

COLUMNS = (
    "id",
    "slug",
    "title",
    "summary",
    "description",
    "category_id",
    "tags",
    "output",
    "translations",
    "author",
    "runs",
    "runs_week",
)
"""The columns of a tool that the index follows."""

TITLE, LABEL, SUMMARY, DESCRIPTION = "a", "b", "c", "d"
"""The first letter of a token says where its word stands. Words of a label: tags and the slug."""

WHOLE_TITLE = "="
FACET = "@"
SOURCE_LANGUAGE = "en"
MAX_WORDS = 500
MAX_TITLE = 64


def tokens_of(row: Mapping[str, Any]) -> list[str]:
    """Return the tokens of a row of the table of tools, each once, those of the title first."""
    titles, summaries, descriptions = (texts_of(row, name) for name in ("title", "summary", "description"))
    tokens = [whole_title(title) for title in titles]
    tokens += [TITLE + word for word in words_of(titles)]
    tokens += [LABEL + word for word in words_of([*map(str, row["tags"]), row["slug"]])]
    tokens += [SUMMARY + word for word in words_of([*summaries, row["author"]])]
    tokens += [DESCRIPTION + word for word in words_of(descriptions)]
    return [*dict.fromkeys([*tokens, *facets_of(row)])]


def texts_of(row: Mapping[str, Any], name: str) -> list[str]:
    """Return a text of a tool in its plugin's language and in all that the plugin has it in."""
    text = row[name]
    translated = (texts.get(text) for texts in row["translations"].values()) if text else ()
    return [text, *(str(other) for other in translated if other)]


def words_of(texts: Iterable[str]) -> Iterator[str]:
    """Return the words of texts, of each up to so many that a book in a description does no harm."""
    return (word for text in texts for word in islice(words_to_index(text), MAX_WORDS))


def whole_title(title: str) -> str:
    """Return the token that finds a title by how it begins."""
    return WHOLE_TITLE + "".join(split(title))[:MAX_TITLE]


def facets_of(row: Mapping[str, Any]) -> Iterator[str]:
    yield facet("category", row["category_id"])
    yield facet("output", row["output"])
    yield facet("publisher", row["author"])
    yield from (facet("tag", tag) for tag in row["tags"])
    yield from (facet("language", code) for code in languages_of(row["translations"]))


def languages_of(translations: Mapping[str, Any]) -> set[str]:
    """Return the languages of a tool's texts, and the less special ones: with zh-hans also zh."""
    codes = {SOURCE_LANGUAGE}
    for code in map(str.casefold, translations):
        parts = code.split("-")
        codes |= {"-".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return codes


def facet(name: str, value: object) -> str:
    """Return the token of all tools with this value. Values are any text: the token is as long for each."""
    return FACET + blake2b(f"{name}={value}".encode(errors="replace"), digest_size=8).hexdigest()


def spellings_of(tokens: Iterable[str]) -> set[str]:
    """Return the words among these that a misspelt one is compared with: descriptions have too many."""
    return {token[1:] for token in tokens if token[0] in (TITLE, LABEL, SUMMARY)}
