"""How well a sentence sums up a text, as the model sees it: in nats per token, more is better."""

from dataclasses import dataclass
from statistics import fmean

from gptstore.sdk import Model
from gptstore.sdk.text import split_parts
from gptstore_summarizer.prompts import Length, completion_prompt

SPARE_TOKENS = 8


@dataclass(frozen=True)
class Candidate:
    """A sentence and where it stands among those of the text, from 0 on.

    central: how much of the text's content words it has, weighted by how often they occur: 0 to 1.
    """

    sentence: str
    position: int
    words: frozenset[str]
    central: float


def by_summary(model: Model, candidate: Candidate, text: str, length: Length) -> float:
    """How likely the model sums up the text with this sentence."""
    return mean_score(model, completion_prompt(text, length), candidate.sentence)


def mean_score(model: Model, prompt: str, text: str) -> float:
    """Of the tokens of `text`, or of as many of them as the context has room for."""
    room = model.context_length - model.count_tokens(prompt) - SPARE_TOKENS
    return fmean(model.score(prompt, f" {beginning(model, text, room)}"))


def beginning(model: Model, text: str, tokens: int) -> str:
    return split_parts(text.strip(), max(tokens, 1), model.count_tokens)[0].rstrip()
