"""Translation of the SDK's sentences: it marks texts for translators, and its own are English.

Callers that show them pass a `Translation`; Django's module `django.utils.translation` is one. The SDK's catalogs have
the names and places of Django's, so that a store reads the very same ones.
"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Protocol


class Translation(Protocol):
    """Translates into a reader's language."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, singular: str, plural: str, number: int, /) -> str: ...


ENGLISH: Translation = NullTranslations()
LOCALES = {"zh-hans": "zh_Hans"}
"""The folders of the catalogs by the codes of their languages. English needs none."""

_FOLDER = Path(__file__).parent / "locale"


@cache
def translation_into(language: str) -> Translation:
    """Return what translates into a language, by its code such as "zh-hans"; into English for any other."""
    if language not in LOCALES:
        return ENGLISH
    return translation("django", _FOLDER, [LOCALES[language]])


def gettext_noop(message: str) -> str:
    """Mark a text for translators, who find it by this function's name, and return it as it is."""
    return message
