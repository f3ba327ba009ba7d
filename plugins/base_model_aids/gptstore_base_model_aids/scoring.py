"""Scores texts by how likely the model finds them, in nats per token: more is better."""

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import TypeVar

from gptstore.sdk import Context, Model
from gptstore.sdk.prompt import SPARE_TOKENS
from gptstore.sdk.text import split_parts

Report = Callable[[float, str], None]
"""A callback of progress: it takes the share that is done, from 0 to 1, and a text for people."""

T = TypeVar("T")


def mean_score(model: Model, prompt: str, text: str) -> float:
    """Score the tokens of `text` after the prompt, or as many of them as the context has room for."""
    room = model.context_length - model.count_tokens(prompt) - SPARE_TOKENS
    return fmean(model.score(prompt, f" {beginning(model, text, room)}"))


def beginning(model: Model, text: str, tokens: int) -> str:
    """Cut a text after so many tokens at most."""
    return split_parts(text.strip(), max(tokens, 1), model.count_tokens)[0].rstrip()


def score_each(
    ctx: Context, sentences: Sequence[T], score: Callable[[T], float], report: Report, *, otherwise: str
) -> list[float]:
    """Score each sentence; return equal scores where a model server can't score, which leaves the choice to the words.

    otherwise: the criterion then, for the log, such as "so their words decided".
    """
    scores = []
    for number, sentence in enumerate(sentences, start=1):
        report((number - 1) / len(sentences), f"Weighing sentence {number} of {len(sentences)}")
        try:
            scores.append(score(sentence))
        except Exception as error:
            ctx.log(f"The model could not weigh the sentences, {otherwise}: {error}")
            return [0.0] * len(sentences)
    return scores
