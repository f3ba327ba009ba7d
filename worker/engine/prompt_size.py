"""Bounds the characters of a prompt before they are tokenized, and cuts what is far too long into pieces to count."""

from collections.abc import Iterator

from worker.engine.errors import TextTooLong
from worker.engine.protocol import Message, Prompt

MAX_PER_TOKEN = 32
"""Characters of a prompt for each token of the context. Most tokens have three or four."""

MIN_CHARACTERS = 32_768
"""Characters of a prompt that are always tokenized, however short the context is."""

MAX_COUNTED = 4_000_000
"""Characters of one text to count: more than any input that the site takes."""

PIECE = 200_000
"""Characters that are tokenized at once when a text far beyond the context is counted. They take about 60 MB."""

_EXACT_PER_TOKEN = 8
_LOOK_BACK = 1_000


def characters(prompt: Prompt) -> int:
    """Return the number of characters that the prompt's author wrote."""
    return len(prompt) if isinstance(prompt, str) else sum(len(message.content) for message in prompt)


def can_fit(prompt: Prompt, context_length: int) -> bool:
    """Return whether a prompt of so many characters may fit into the context."""
    return characters(prompt) <= _most(context_length)


def check_prompt_size(prompt: Prompt, continuation: str | None, context_length: int) -> None:
    """Raise TextTooLong for a prompt that can't fit into the context."""
    _check(characters(prompt) + len(continuation or ""), _most(context_length))
    _check_messages(prompt, context_length)


def check_counted_size(prompt: Prompt, context_length: int) -> None:
    """Raise TextTooLong for a prompt that is not counted in one call."""
    _check(characters(prompt), MAX_COUNTED)
    _check_messages(prompt, context_length)


def pieces_to_count(prompt: Prompt, context_length: int) -> Iterator[Prompt]:
    """Yield the prompt; one far beyond the context in pieces, whose sum may be a few tokens more."""
    if characters(prompt) <= max(PIECE, _EXACT_PER_TOKEN * context_length):
        yield prompt
    elif isinstance(prompt, str):
        yield from _cut(prompt)
    else:
        yield tuple(Message(message.role, "") for message in prompt)
        for message in prompt:
            yield from _cut(message.content)


def _most(context_length: int) -> int:
    return max(MIN_CHARACTERS, MAX_PER_TOKEN * context_length)


def _check(count: int, most: int) -> None:
    if count > most:
        raise TextTooLong(f"The text has {count:,} characters", f"{most:,} are read at once")


def _check_messages(prompt: Prompt, context_length: int) -> None:
    if not isinstance(prompt, str) and len(prompt) > context_length:
        raise TextTooLong(f"There are {len(prompt):,} messages", f"{context_length:,} fit into the context")


def _cut(text: str) -> Iterator[str]:
    """Yield pieces that end with white space if there is any near, since tokens rarely reach beyond it."""
    start = 0
    while start < len(text):
        end = start + PIECE
        if end < len(text):
            border = max(text.rfind(white, end - _LOOK_BACK, end) for white in "\n ")
            end = border if border > 0 else end
        yield text[start:end]
        start = end
