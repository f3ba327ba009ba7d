"""Which sentence of a passage answers a question best, where the model has no answer of its own."""

from collections.abc import Callable, Sequence

from gptstore.sdk import Context
from gptstore.sdk.text import split_sentences
from gptstore_qa.evidence import Weights
from gptstore_qa.scorers import Candidate, by_question
from gptstore_qa.words import content_words

MAX_SCORED = 12
"""Of more sentences, those that share the most and rarest words with the question are scored."""

WORTH_OF_WORDS = 4.0
"""What it counts, in nats per token, when a sentence has all of the question's words."""

Report = Callable[[float, str], None]
"""Gets the share that is done, from 0 to 1, and what is being done."""


def choose_sentence(ctx: Context, parts: Sequence[str], question: str, report: Report) -> str:
    """The sentence with the best score, the words that it shares with the question counted in; "" if there is none."""
    candidates = find_candidates(parts, question)
    scores = weigh(ctx, candidates, question, report)
    worths = [score + WORTH_OF_WORDS * candidate.shared for score, candidate in zip(scores, candidates, strict=True)]
    return candidates[max(range(len(worths)), key=worths.__getitem__)].sentence if worths else ""


def weigh(ctx: Context, candidates: Sequence[Candidate], question: str, report: Report) -> list[float]:
    """The model's score of each; all the same where a model server can't score, which leaves it to the words."""
    scores = []
    for number, candidate in enumerate(candidates, start=1):
        report((number - 1) / len(candidates), f"Weighing sentence {number} of {len(candidates)}")
        try:
            scores.append(by_question(ctx.model, candidate, question))
        except Exception as error:
            ctx.log(f"The model could not weigh the sentences, so the words of the question decided: {error}")
            return [0.0] * len(candidates)
    return scores


def find_candidates(parts: Sequence[str], question: str) -> list[Candidate]:
    """The sentences to weigh, in the order of the passage."""
    sentences = [" ".join(sentence.split()) for part in parts for sentence in split_sentences(part)]
    words = [frozenset(content_words(sentence)) for sentence in sentences]
    weights = Weights(words)
    asked = frozenset(content_words(question))
    total = weights.sum(asked) or 1.0
    shared = [weights.sum(held & asked) / total for held in words]
    ranked = sorted((i for i in range(len(words)) if words[i]), key=lambda i: shared[i], reverse=True)
    return [Candidate(sentences[i], shared[i]) for i in sorted(ranked[:MAX_SCORED])]
