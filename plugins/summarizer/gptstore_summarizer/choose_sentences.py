"""The sentences that sum a text up best, where the model has no summary of its own."""

from collections import Counter
from collections.abc import Callable, Sequence

from gptstore.sdk import Context
from gptstore.sdk.text import split_sentences
from gptstore_summarizer.prompts import Length
from gptstore_summarizer.scorers import Candidate, by_summary
from gptstore_summarizer.words import content_words

MAX_SENTENCES: dict[Length, int] = {"short": 1, "medium": 3, "long": 5}
MAX_SCORED = 16
"""Of more sentences, those with the most frequent words of the text are scored, and the first one."""

MAX_TOKENS = 300_000
"""What the scores of all parts may cost together; a run may take a million tokens if the store says nothing else."""

MIN_WORDS = 5
"""A sentence with fewer content words is a title or a call, and sums up nothing, if there are longer ones."""

WORTH_OF_WORDS = 0.3
"""What it counts, in nats per token, to be as central as a sentence can be."""

ALREADY_SAID = 0.6
"""A sentence is left out when the ones chosen before it have so much of its words."""

Report = Callable[[float, str], None]
"""Gets the share that is done, from 0 to 1, and what is being done."""


def choose_sentences(ctx: Context, text: str, length: Length, report: Report, parts: int = 1) -> list[str]:
    """One to five sentences, at most half of the text, in its order. Empty for a text without words.

    parts: how many parts are summed up in this run. The more there are, the fewer sentences of each are scored; of very
    many, none: words decide.
    """
    scored = affordable(ctx.model.count_tokens(text), parts)
    candidates = find_candidates(text, scored or MAX_SCORED)
    scores = weigh(ctx, candidates, text, length, report) if scored else [0.0] * len(candidates)
    worths = [score + WORTH_OF_WORDS * candidate.central for candidate, score in zip(candidates, scores, strict=True)]
    ranked = [candidates[i] for i in sorted(range(len(worths)), key=worths.__getitem__, reverse=True)]
    chosen = pick(ranked, min(MAX_SENTENCES[length], (len(candidates) + 1) // 2))
    return [candidate.sentence for candidate in sorted(chosen, key=lambda candidate: candidate.position)]


def pick(ranked: Sequence[Candidate], most: int) -> list[Candidate]:
    """The first ones, without those that say again what is said."""
    chosen: list[Candidate] = []
    for candidate in ranked:
        said = frozenset().union(*(before.words for before in chosen))
        if len(chosen) < most and len(candidate.words & said) < ALREADY_SAID * len(candidate.words):
            chosen.append(candidate)
    return chosen


def affordable(tokens: int, parts: int) -> int:
    """How many sentences of each part, which has so many tokens, can be scored; among fewer than two is no choice."""
    most = min(MAX_SCORED, MAX_TOKENS // max(tokens * parts, 1))
    return most if most > 1 else 0


def weigh(ctx: Context, candidates: Sequence[Candidate], text: str, length: Length, report: Report) -> list[float]:
    """The model's score of each; all the same where a model server can't score, which leaves it to the words."""
    scores = []
    for number, candidate in enumerate(candidates, start=1):
        report((number - 1) / len(candidates), f"Weighing sentence {number} of {len(candidates)}")
        try:
            scores.append(by_summary(ctx.model, candidate, text, length))
        except Exception as error:
            ctx.log(f"The model could not weigh the sentences, so their words decided: {error}")
            return [0.0] * len(candidates)
    return scores


def find_candidates(text: str, most: int = MAX_SCORED) -> list[Candidate]:
    """The sentences to weigh, in the order of the text."""
    sentences = [" ".join(sentence.split()) for sentence in split_sentences(text)]
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
