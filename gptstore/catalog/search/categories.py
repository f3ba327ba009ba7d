"""Finds categories by the words of their titles, as they are and in all languages of the site.

The index has the category of each tool, not its title: a category gets another title, or a translation, without it.
"""

from functools import lru_cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from gptstore.catalog.index.words import words_to_index


def matching_categories(titles: dict[int, str], word: str, *, is_prefix: bool) -> list[int]:
    """Return the ids of the categories with this word in their title, or one that begins so. titles: by id."""
    return [
        category
        for category, title in titles.items()
        if any(other.startswith(word) if is_prefix else other == word for other in words_of_title(title))
    ]


@lru_cache(maxsize=1024)
def words_of_title(title: str) -> frozenset[str]:
    """Return the words of a title of a category in all languages of the site."""
    titles = {title}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            titles.add(gettext(title) if title else "")
    return frozenset(word for text in titles for word in words_to_index(text))
