"""Finds the sentences of a passage that an answer rests on, and quotes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.sdk.text import split_sentences
from gptstore.sdk.words import IdfWeights, content_words

MAX_SENTENCES = 3
SUPPORTED_FROM = 0.5
"""The least part of the answer's words, weighted by how rare they are, that must occur in the sentences."""

WORTH_ADDING = 0.2
"""The least part of the answer's words that a further sentence has to bring to be shown."""

MAX_QUOTE_CHARACTERS = 600
NO_ANSWER = "I could not find an answer in this passage."
NO_EVIDENCE = "*No sentence of the passage matches this answer. Check it before you rely on it.*"


@dataclass(frozen=True)
class Evidence:
    """The evidence: sentences in the order of the passage, and how well they support the answer, 0 to 1 (every word).

    relevance: how much of the question the sentences mention, from 0 to 1.
    """

    sentences: Sequence[str] = ()
    support: float = 0.0
    relevance: float = 0.0


def find_evidence(passage: str, question: str, answer: str) -> Evidence:
    """Find the fewest sentences that hold the answer's words; of equal ones, those that also mention the question's.

    An answer without words of its own, such as "yes", is searched by the words of the question.
    """
    sentences = [sentence.strip() for sentence in split_sentences(passage) if sentence.strip()]
    words = [frozenset(content_words(sentence)) for sentence in sentences]
    weights = IdfWeights(words)
    asked = frozenset(content_words(question))
    wanted = frozenset(content_words(answer)) or asked
    total = weights.sum(wanted)
    chosen: list[int] = []
    missing = wanted
    while len(chosen) < MAX_SENTENCES and missing:
        best = max(
            range(len(sentences)), key=lambda i: (weights.sum(words[i] & missing), weights.sum(words[i] & asked))
        )
        gain = weights.sum(words[best] & missing)
        if gain <= 0 or (chosen and gain < WORTH_ADDING * total):
            break
        chosen.append(best)
        missing -= words[best]
    support = 1 - weights.sum(missing) / total if total else 0.0
    if not chosen or support < SUPPORTED_FROM:
        return Evidence(support=support)
    spoken_of = frozenset().union(*(words[i] for i in chosen)) & asked
    relevance = weights.sum(spoken_of) / weights.sum(asked) if asked else 0.0
    return Evidence([sentences[i] for i in sorted(chosen)], support, relevance)


def show(evidence: Evidence) -> str:
    """Return the sentences under a heading, as Markdown, or a remark that there are none."""
    return f"**From the passage:**\n\n{quote(evidence.sentences)}" if evidence.sentences else NO_EVIDENCE


def quote(sentences: Sequence[str]) -> str:
    """Return the sentences as a Markdown quote block, each a paragraph, with nothing in them read as Markdown."""
    return "\n>\n".join(f"> {_escape(_shorten(' '.join(sentence.split())))}" for sentence in sentences)


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= MAX_QUOTE_CHARACTERS else sentence[:MAX_QUOTE_CHARACTERS].rstrip() + " …"


def _escape(sentence: str) -> str:
    escaped = re.sub(r"([\\`*_\[\]<>|~])", r"\\\1", sentence)
    return re.sub(r"^([#+-]|\d+(?=[.)]))", lambda m: m[0] + "\\" if m[0].isdigit() else "\\" + m[0], escaped)
