"""Text from a plugin, made fit to be kept."""

import re

# NUL can't be stored in PostgreSQL, a lone surrogate can't be written as UTF-8.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_MESSAGE = 2000


def storable(text: str) -> str:
    return UNSTORABLE.sub("", text)


def as_message(said: object) -> str:
    """One message for a person, whatever the plugin gave: a text that can be kept, and not too long."""
    text = storable(str(said)).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
