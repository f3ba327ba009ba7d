"""Texts for people in several languages: `{"en": "Headline", "zh-Hans": "标题"}` where one language is not enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gptstore.sdk.errors import Unsupported

Text = str | Mapping[str, str]
"""A text in the author's language, or in several, by their codes; "en" is the one for everybody else."""

Translations = dict[str, dict[str, str]]
"""For each language but the author's the translation of each text."""

BASE = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def base_text(text: Text) -> str:
    """Return a text for those who read none of its other languages. Raises Unsupported for one that is not right."""
    if not isinstance(text, Mapping):
        return text
    if BASE not in text:
        raise Unsupported(f'a text in several languages needs one in English: {{"en": …}}, not {", ".join(text)}')
    for language, translation in text.items():
        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            raise Unsupported(f'{language!r} is no code of a language (BCP 47), such as "de", "pt-BR" or "zh-Hans"')
        if not isinstance(translation, str) or not translation.strip():
            raise Unsupported(f"the text in {language!r} must not be empty")
    return text[BASE]


def gather(texts: Iterable[Text]) -> Translations:
    """Return the translations that these texts bring with them."""
    found: Translations = {}
    for text in texts:
        for language, translation in text.items() if isinstance(text, Mapping) else ():
            if language != BASE:
                found.setdefault(language, {})[base_text(text)] = translation
    return found


def merge(translations: Sequence[Translations]) -> Translations:
    """Return all of them in one. Of two translations of the same text the first counts."""
    merged: Translations = {}
    for one in translations:
        for language, texts in one.items():
            merged[language] = {**texts, **merged.get(language, {})}
    return merged
