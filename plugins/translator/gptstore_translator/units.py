"""Cuts a text into the units that are translated at once, without losing its line breaks."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from gptstore.sdk import Model, ToolError
from gptstore.sdk.lines import split_lines, split_paragraphs
from gptstore.sdk.masks import Masks
from gptstore.sdk.text import split_parts, split_sentences

SPARE_TOKENS = 24
"""The room for short texts whose translation is much longer, and for tokens that join two texts."""

GROWTH = 3
"""The limit on a translation's tokens, as a multiple of its source's; translations into Chinese come closest."""

MIN_TOKENS = 16
CHAT_UNIT_TOKENS = 400
"""The limit for chat models, which leave things out of longer texts; most are shown only once they are checked."""

TORN_MASK = re.compile(r"[A-Z]+\d*\Z", re.IGNORECASE)

CountTokens = Callable[[str], int]


@dataclass(frozen=True)
class Unit:
    """A unit of text to translate, and what stands before and after it in the translation: tags and white space."""

    text: str
    after: str
    before: str = ""


def has_words(text: str) -> bool:
    """Return False for numbers, code, addresses and signs, which are the same in every language."""
    masks = Masks(text)
    return any(character.isalpha() for character in masks.remove(masks.text))


def cut(text: str, target: str, model: Model, room: int) -> list[Unit]:
    """Cut the text into units: paragraphs for a chat model, sentences for a base model. No unit ends within a literal.

    room: how many tokens of the context the rest of the prompt leaves to a text and its translation.
    Raises ToolError when that is too little.
    """
    fitting = (room - SPARE_TOKENS) // (1 + GROWTH)
    if fitting < MIN_TOKENS:
        raise ToolError(f"This model reads and writes only {model.context_length} tokens, too few to translate.")
    body = text.strip()
    before, after = text.split(body, 1)
    masks = Masks(body)
    if model.is_chat:
        units = paragraph_units(masks, target, min(fitting, CHAT_UNIT_TOKENS), model.count_tokens)
    else:
        units = sentence_units(masks, target, fitting, model.count_tokens)
    units = [without_outer_tags(masks, unit) for unit in units]
    units[0] = replace(units[0], before=before + units[0].before)
    units[-1] = replace(units[-1], after=units[-1].after + after)
    return units


def sentence_units(masks: Masks, target: str, max_tokens: int, count_tokens: CountTokens) -> list[Unit]:
    """Return one unit for each sentence; no unit reaches over a line break or a tab."""
    units = []
    for line, line_break in split_lines(masks.text):
        sentences = [
            part
            for sentence in split_sentences(line)
            if sentence.strip()
            for part in split_fitting(sentence, max_tokens, count_tokens)
        ]
        units += [Unit(part.strip(), space_between(masks, part, after, target)) for part, after in pairwise(sentences)]
        units += [Unit(sentence.strip(), line_break) for sentence in sentences[-1:]]
    return units


def paragraph_units(masks: Masks, target: str, max_tokens: int, count_tokens: CountTokens) -> list[Unit]:
    """Return units of as many whole paragraphs as fit `max_tokens`; a longer paragraph is cut on sentence borders."""
    if len(masks.text) <= 16 * max_tokens and count_tokens(masks.text) <= max_tokens:
        return [Unit(masks.text, "")]
    units: list[Unit] = []
    used = max_tokens
    for paragraph, paragraph_break in split_paragraphs(masks.text):
        parts = split_fitting(paragraph, max_tokens, count_tokens)
        tokens = count_tokens(paragraph) + 2 if len(parts) == 1 else max_tokens
        if used + tokens <= max_tokens:
            last = units.pop()
            units.append(Unit(last.text + last.after + paragraph, paragraph_break))
            used += tokens
        else:
            units += [Unit(part.strip(), space_between(masks, part, after, target)) for part, after in pairwise(parts)]
            units.append(Unit(parts[-1].strip(), paragraph_break))
            used = tokens
    return units


def without_outer_tags(masks: Masks, unit: Unit) -> Unit:
    """Return the unit with its literals, and the tags around its text beside it: the model need not see them."""
    pieces = masks.split(unit.text)
    begin, end = 0, len(pieces)
    while begin + 2 < end and not pieces[begin].strip() and masks.restore(pieces[begin + 1]).lstrip().startswith("<"):
        begin += 2
    while begin + 2 < end and not pieces[end - 1].strip() and masks.restore(pieces[end - 2]).rstrip().endswith(">"):
        end -= 2
    before, text, after = (masks.restore("".join(part)) for part in (pieces[:begin], pieces[begin:end], pieces[end:]))
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return Unit(text.strip(), trail + after + unit.after, before + lead)


def split_fitting(text: str, max_tokens: int, count_tokens: CountTokens) -> list[str]:
    """Return the text in parts that fit, none of which begins or ends within a mask."""
    # No tokenizer makes more tokens than there are bytes, so short texts need no counting.
    parts = [text] if len(text.encode()) <= max_tokens else split_parts(text, max_tokens, count_tokens)
    for number in range(1, len(parts)):
        if parts[number][:1].isdigit() and (torn := TORN_MASK.search(parts[number - 1])):
            parts[number - 1] = parts[number - 1][: torn.start()]
            parts[number] = torn[0] + parts[number]
    return [part for part in parts if part] or [text]


def space_between(masks: Masks, part: str, following: str, target: str) -> str:
    """Return the text between two parts of a line: its own white space, none in Chinese, a space after Chinese.

    It is none where a tag stands right between them: the space there belongs to its mask.
    """
    space = part[len(part.rstrip()) :]
    if len(split_lines(f"{space}.")) > 1:
        return space
    if space and not (masks.restore(part)[-1:].isspace() and masks.restore(f" {following}")[:1].isspace()):
        return ""
    return "" if target == "zh" else space or " "
