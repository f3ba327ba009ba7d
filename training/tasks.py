"""Makes one training example of one corpus row, in the format of the tools' own prompts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from training import prompts

JOINED_SHARE = 0.15
BARE_TASK_SHARE = 0.4
SHORT_WORDS, MEDIUM_WORDS = 16, 24
SPAN_WEIGHT = 3.0
"""The weight of the tokens of an answer. They are a few after a long passage: without more weight they hardly count."""

_SIGNATURE = re.compile(r"^Write (?:a )?Python (?:function|code)[^.`]*(?:`[^`]*`|(?:named|defining) \w+)\. ")
_WRITE = re.compile(r"^Write a (?:python )?function to (\w)", re.IGNORECASE)

Row = tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """An example: the text that the model reads and the text that it should write. Plain text has an empty prompt.

    weight: of each token of the answer in the loss.
    """

    prompt: str
    answer: str
    weight: float = 1.0


def question(row: Row, random: Random) -> Example:
    passage, asked, answer = row
    return Example(prompts.qa_prompt(passage, asked), " " + answer.strip(), SPAN_WEIGHT)


def summary(row: Row, random: Random) -> Example:
    text, short = row
    return Example(prompts.summary_prompt(text, summary_length(short)), " " + short.strip())


def summary_length(text: str) -> str:
    """Return the length that a user would have chosen to get this summary."""
    words = len(text.split())
    return "short" if words <= SHORT_WORDS else "medium" if words <= MEDIUM_WORDS else "long"


def translation(rows: Sequence[Row], random: Random, languages: tuple[str, str]) -> Example:
    """Make one example of one or two sentence pairs, in one of the two directions."""
    ends = (0, 1) if random.random() < 0.5 else (1, 0)
    source, target = (_join([row[end] for row in rows], languages[end]) for end in ends)
    return Example(prompts.translation_prompt(source, languages[ends[0]], languages[ends[1]]), " " + target)


def _join(sentences: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(sentence.strip() for sentence in sentences)


def code(row: Row, random: Random) -> Example:
    instruction, source = row
    task = bare_task(instruction) if random.random() < BARE_TASK_SHARE else instruction
    language = random.choice(("Python", "python"))
    return Example(prompts.code_prompt(task, language), source.rstrip() + "\n")


def bare_task(instruction: str) -> str:
    """Return the task as a user would put it: without "Write a Python function `name(args)`."."""
    bare = _SIGNATURE.sub("", instruction, count=1)
    bare = _WRITE.sub(lambda match: match[1].upper(), bare, count=1)
    return bare.strip() or instruction


def prose(row: Row, random: Random) -> Example:
    return Example("", row[0].strip())


def instruction(row: Row, random: Random) -> Example:
    """Make an example of plain text: instructions are no tool of ours."""
    return Example("", "\n".join(part.strip() for part in row if part.strip()))
