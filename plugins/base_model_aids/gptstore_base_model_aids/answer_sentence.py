"""Chooses the sentence of a passage that answers a question best, by query likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.sdk import Context, Model
from gptstore.sdk.text import split_sentences
from gptstore.sdk.words import IdfWeights, content_words
from gptstore_base_model_aids.folded_text import one_line
from gptstore_base_model_aids.scoring import Report, beginning, mean_score, score_each

MAX_SCORED = 12
"""The limit on scored sentences: those that share the most and rarest words with the question."""

WORTH_OF_WORDS = 4.0
"""The bonus, in nats per token, of a sentence that has all of the question's words."""


@dataclass(frozen=True)
class Candidate:
    """A candidate: a sentence, and how much of the question's words it has, 0 to 1."""

    sentence: str
    shared: float


def choose_sentence(ctx: Context, parts: Sequence[str], question: str, report: Report) -> str:
    """Choose the sentence with the best score, the words shared with the question counted in; "" if there is none."""
    candidates = find_candidates(parts, question)
    scores = weigh(ctx, candidates, question, report)
    worths = [score + WORTH_OF_WORDS * candidate.shared for score, candidate in zip(scores, candidates, strict=True)]
    return candidates[max(range(len(worths)), key=worths.__getitem__)].sentence if worths else ""


def by_question(model: Model, candidate: Candidate, question: str) -> float:
    """Return how likely the model asks this question about the sentence: query likelihood, Ponte and Croft (1998)."""
    source = beginning(model, candidate.sentence, model.context_length // 2)
    return mean_score(model, f"Passage: {source}\n\nQuestion:", question)


def weigh(ctx: Context, candidates: Sequence[Candidate], question: str, report: Report) -> list[float]:
    def score(candidate: Candidate) -> float:
        return by_question(ctx.model, candidate, question)

    return score_each(ctx, candidates, score, report, otherwise="so the words of the question decided")


def find_candidates(parts: Sequence[str], question: str) -> list[Candidate]:
    """Return the candidates, in the order of the passage."""
    sentences = [one_line(sentence) for part in parts for sentence in split_sentences(part)]
    words = [frozenset(content_words(sentence)) for sentence in sentences]
    weights = IdfWeights(words)
    asked = frozenset(content_words(question))
    total = weights.sum(asked) or 1.0
    shared = [weights.sum(held & asked) / total for held in words]
    ranked = sorted((i for i in range(len(words)) if words[i]), key=lambda i: shared[i], reverse=True)
    return [Candidate(sentences[i], shared[i]) for i in sorted(ranked[:MAX_SCORED])]
