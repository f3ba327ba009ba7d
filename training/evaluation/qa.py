"""The skill of answering questions about a passage that holds the answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from training import prompts
from training.evaluation import pointing, squad
from training.evaluation.skill import Figures, ModelInput, Skill, ToolInput, chosen_share, mean
from training.stream import Stream

LIMIT = 400
MAX_TOKENS = 48

_CAPITALISED = re.compile(r"\b[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")
_WORD = re.compile(r"\w+")
_COMMON_WORDS = """
a an and are as at be been by did do does for from had has have he her his how in is it its of on or she that the their
them they this to was were what when where which who whom whose why will with would you your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Question:
    passage: str
    question: str
    gold: str


def question_skill(stream: Stream, limit: int = LIMIT) -> Skill[Question]:
    return Skill(
        name="qa",
        rows=[Question(*row) for row in stream.held_out[:limit]],
        ask=lambda row: ModelInput(prompts.qa_prompt(row.passage, row.question), prompts.STOP["qa"], MAX_TOKENS),
        measure=measure,
        baselines={"first capitalised words": capitalised_words, "sentence with most shared words": shared_sentence},
        use=lambda row: ToolInput("qa", {"passage": row.passage, "question": row.question}),
    )


def measure(rows: Sequence[Question], answers: Sequence[str]) -> Figures:
    """Return the figures in percent. Those on sentences are over the passages that have more than one."""
    read = [read_answer(answer) for answer in answers]
    pointed = [
        pointing.compare(_pointed(row, *one), pointing.sentences_with(row.passage, row.gold))
        for row, one in zip(rows, read, strict=True)
        if len(pointing.sentences_of(row.passage)) > 1
    ]
    return {
        "exact_match": 100 * mean([squad.exact_match(one[0], row.gold) for row, one in zip(rows, read, strict=True)]),
        "f1": 100 * mean([squad.f1(one[0], row.gold) for row, one in zip(rows, read, strict=True)]),
        "sentence_right": 100 * mean([one["right"] for one in pointed]),
        "sentence_f1": 100 * mean([one["f1"] for one in pointed]),
        "sentence_rows": len(pointed),
        "chosen": chosen_share(answers),
    }


def read_answer(text: str) -> tuple[str, list[str]]:
    """Return the answer itself and the quotes from the passage. The tool writes Markdown, a model alone one line.

    A heading without an answer before it means that the quote is the answer.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    quotes = [line.removeprefix(">").strip() for line in lines if line.startswith("> ")]
    first = lines[0] if lines else ""
    return (" ".join(quotes) if quotes and first.startswith(("**", ">")) else first), quotes


def _pointed(row: Question, answer: str, quotes: list[str]) -> set[int]:
    return pointing.sentences_quoted(row.passage, quotes) or pointing.sentences_with(row.passage, answer)


def capitalised_words(row: Question) -> str:
    """Return the passage's first capitalised words that the question lacks."""
    asked = row.question.casefold()
    found = [match[0] for match in _CAPITALISED.finditer(row.passage)]
    return next((name for name in found if name.casefold() not in asked), found[0] if found else "")


def shared_sentence(row: Question) -> str:
    asked = _content(row.question)
    return max(pointing.sentences_of(row.passage), key=lambda sentence: len(asked & _content(sentence))).strip()


def _content(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold())) - _COMMON
