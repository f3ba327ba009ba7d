"""Translation of the SDK's sentences: it marks texts for translators, and its own are English.

Callers that show them pass a `Translation`; Django's module `django.utils.translation` is one.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Protocol


class Translation(Protocol):
    """Translates into a reader's language."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, singular: str, plural: str, number: int, /) -> str: ...


ENGLISH: Translation = NullTranslations()


def gettext_noop(message: str) -> str:
    """Mark a text for translators, who find it by this function's name, and return it as it is."""
    return message
