"""Extractive summarization: chooses the sentences that summarize a text best."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.sdk import Context
from gptstore.sdk.text import join_lines, split_sentences
from gptstore.sdk.words import content_words
from gptstore_base_model_aids.scoring import Report, mean_score, score_each

MAX_SCORED = 16
"""The limit on scored sentences: the first one, and those with the most frequent words of the text."""

MAX_TOKENS = 300_000
"""The token budget of the scores of all parts; a run may take a million tokens if the store sets no other limit."""

MIN_WORDS = 5
"""The fewest content words of a sentence, if there are longer ones; below that it is a title or a call to action."""

WORTH_OF_WORDS = 0.3
"""The bonus, in nats per token, of a sentence that is as central as one can be."""

ALREADY_SAID = 0.6
"""The share of a sentence's words in the ones chosen before it, from which on it is left out."""


@dataclass(frozen=True)
class Candidate:
    """A candidate: a sentence and its position in the text, from 0 on.

    central: how much of the text's content words it has, weighted by how often they occur: 0 to 1.
    """

    sentence: str
    position: int
    words: frozenset[str]
    central: float


def choose_sentences(ctx: Context, text: str, prompt: str, most: int, report: Report, parts: int = 1) -> list[str]:
    """Choose at most `most` sentences, and at most half of the text, in its order. Empty for a text without words.

    A sentence is better the likelier the model continues `prompt`, which asks for a summary of the text, with it.

    parts: how many parts are summarized in this run. The more there are, the fewer sentences of each are scored; of
    very many, none: words decide.
    """
    scored = affordable(ctx.model.count_tokens(text), parts)
    candidates = find_candidates(text, scored or MAX_SCORED)
    scores = weigh(ctx, candidates, prompt, report) if scored else [0.0] * len(candidates)
    worths = [score + WORTH_OF_WORDS * candidate.central for candidate, score in zip(candidates, scores, strict=True)]
    ranked = [candidates[i] for i in sorted(range(len(worths)), key=worths.__getitem__, reverse=True)]
    chosen = pick(ranked, min(most, (len(candidates) + 1) // 2))
    return [candidate.sentence for candidate in sorted(chosen, key=lambda candidate: candidate.position)]


def pick(ranked: Sequence[Candidate], most: int) -> list[Candidate]:
    """Take the first ones, without those that repeat an earlier one."""
    chosen: list[Candidate] = []
    for candidate in ranked:
        used = frozenset[str]().union(*(before.words for before in chosen))
        if len(chosen) < most and len(candidate.words & used) < ALREADY_SAID * len(candidate.words):
            chosen.append(candidate)
    return chosen


def affordable(tokens: int, parts: int) -> int:
    """Return how many sentences of each part, which has so many tokens, can be scored; below two there is no choice."""
    most = min(MAX_SCORED, MAX_TOKENS // max(tokens * parts, 1))
    return most if most > 1 else 0


def weigh(ctx: Context, candidates: Sequence[Candidate], prompt: str, report: Report) -> list[float]:
    def score(candidate: Candidate) -> float:
        return mean_score(ctx.model, prompt, candidate.sentence)

    return score_each(ctx, candidates, score, report, otherwise="so their words decided")


def find_candidates(text: str, most: int = MAX_SCORED) -> list[Candidate]:
    """Return the candidates, in the order of the text."""
    sentences = [join_lines(sentence) for sentence in split_sentences(text)]
    words = [frozenset(content_words(sentence)) for sentence in sentences]
    counts = Counter(word for held in words for word in held)
    weights = [sum(counts[word] for word in held) / len(held) if held else 0.0 for held in words]
    top = max(weights, default=0.0) or 1.0
    least = MIN_WORDS if any(len(held) >= MIN_WORDS for held in words) else 1
    found = [
        Candidate(sentences[i], i, words[i], weights[i] / top) for i in range(len(sentences)) if len(words[i]) >= least
    ]
    ranked = sorted(found, key=lambda candidate: candidate.central, reverse=True)
    kept = [*dict.fromkeys(candidate.position for candidate in [*found[:1], *ranked])][:most]
    return [candidate for candidate in found if candidate.position in kept]
