"""Text from a plugin, made fit to be stored."""

from gptstore.sdk.text import storable

MAX_MESSAGE = 2000


def as_message(said: object) -> str:
    """Return one message for a person, whatever the plugin gave: a text that can be stored, and not too long."""
    text = storable(str(said)).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
