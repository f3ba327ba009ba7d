"""How well a sentence answers a question, as the model sees it: in nats per token, more is better."""

from dataclasses import dataclass
from statistics import fmean

from gptstore.sdk import Model
from gptstore.sdk.text import split_parts

SPARE_TOKENS = 8


@dataclass(frozen=True)
class Candidate:
    """A sentence, and how much of the question's words it has: 0 to 1."""

    sentence: str
    shared: float


def by_question(model: Model, candidate: Candidate, question: str) -> float:
    """How likely the model asks this question about the sentence: the query likelihood of Ponte and Croft (1998)."""
    source = beginning(model, candidate.sentence, model.context_length // 2)
    return mean_score(model, f"Passage: {source}\n\nQuestion:", question)


def mean_score(model: Model, prompt: str, text: str) -> float:
    """Of the tokens of `text`, or of as many of them as the context has room for."""
    room = model.context_length - model.count_tokens(prompt) - SPARE_TOKENS
    return fmean(model.score(prompt, f" {beginning(model, text, room)}"))


def beginning(model: Model, text: str, tokens: int) -> str:
    return split_parts(text.strip(), max(tokens, 1), model.count_tokens)[0].rstrip()
