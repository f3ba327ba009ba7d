"""Cuts a text into the units that are translated at once, without losing its line breaks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gptstore.sdk import Model, ToolError
from gptstore.sdk.text import split_parts, split_sentences

SPARE_TOKENS = 24
"""The room for short texts whose translation is much longer, and for tokens that join two texts."""

GROWTH = 3
"""The limit on a translation's tokens, as a multiple of its source's; translations into Chinese come closest."""

MIN_TOKENS = 16
CHAT_UNIT_TOKENS = 1200
"""The limit for chat models, which leave things out of longer texts, and many stop after 4,096 output tokens."""

LINE_BREAKS = re.compile(r"(\s*\n\s*)")
PARAGRAPH_BREAKS = re.compile(r"(\s*\n\s*\n\s*)")


@dataclass(frozen=True)
class Unit:
    """A unit of text to translate, and the white space that follows it in the translation."""

    text: str
    after: str

    @property
    def has_words(self) -> bool:
        """Return False for numbers, rules and other signs, which are the same in every language."""
        return any(character.isalpha() for character in self.text)


def cut(text: str, target: str, model: Model, room: int) -> list[Unit]:
    """Cut the text into units: paragraphs for a chat model, sentences for a base model.

    room: how many tokens of the context the rest of the prompt leaves to a text and its translation.
    Raises ToolError when that is too little.
    """
    fitting = (room - SPARE_TOKENS) // (1 + GROWTH)
    if fitting < MIN_TOKENS:
        raise ToolError(f"This model reads and writes only {model.context_length} tokens, too few to translate.")
    if model.is_chat:
        return paragraph_units(text, target, min(fitting, CHAT_UNIT_TOKENS), model.count_tokens)
    return sentence_units(text, target, fitting, model.count_tokens)


def sentence_units(text: str, target: str, max_tokens: int, count_tokens: Callable[[str], int]) -> list[Unit]:
    """Return one unit for each sentence; no unit reaches over a line break."""
    between = "" if target == "zh" else " "
    units = []
    for line, line_break in _lines(text.strip(), LINE_BREAKS):
        sentences = [
            part.strip()
            for sentence in split_sentences(line)
            if sentence.strip()
            for part in _fitting(sentence, max_tokens, count_tokens)
        ]
        units += [Unit(sentence, between) for sentence in sentences[:-1]]
        units += [Unit(sentence, line_break) for sentence in sentences[-1:]]
    return units


def paragraph_units(text: str, target: str, max_tokens: int, count_tokens: Callable[[str], int]) -> list[Unit]:
    """Return units of as many whole paragraphs as fit `max_tokens`; a longer paragraph is cut on sentence borders."""
    text = text.strip()
    if len(text.encode()) <= max_tokens or count_tokens(text) <= max_tokens:
        return [Unit(text, "")]
    units: list[Unit] = []
    used = max_tokens
    for paragraph, paragraph_break in _lines(text, PARAGRAPH_BREAKS):
        tokens = count_tokens(paragraph) + 2
        if used + tokens <= max_tokens:
            last = units.pop()
            units.append(Unit(last.text + last.after + paragraph, paragraph_break))
            used += tokens
        else:
            parts = split_parts(paragraph, max_tokens, count_tokens)
            units += [Unit(part.strip(), _glue(part, target)) for part in parts[:-1]]
            units.append(Unit(parts[-1].strip(), paragraph_break))
            used = tokens if len(parts) == 1 else max_tokens
    return units


def _lines(text: str, breaks: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    pieces = [*breaks.split(text), ""]
    return zip(pieces[::2], pieces[1::2], strict=True)


def _fitting(sentence: str, max_tokens: int, count_tokens: Callable[[str], int]) -> list[str]:
    # No tokenizer makes more tokens than there are bytes, so short sentences need no counting.
    if len(sentence.encode()) <= max_tokens:
        return [sentence]
    return split_parts(sentence, max_tokens, count_tokens)


def _glue(part: str, target: str) -> str:
    """Return the text between two parts of a paragraph: its own line break, else the target language's separator."""
    space = part[len(part.rstrip()) :]
    if "\n" in space:
        return space
    return "" if target == "zh" else " "
