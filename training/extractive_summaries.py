"""Extractive summaries by rule: the most central sentences (as in PEGASUS, Zhang et al. 2020), word for word."""

import re
from collections import Counter
from collections.abc import Sequence
from random import Random

from training import prompts
from training.passages import Passage, cut_window, split_passage
from training.tasks import Example, Row, summary, summary_length

SENTENCES = {"short": (1, 1), "medium": (2, 2), "long": (3, 4)}
CHOSEN_SHARE = 0.4
MAX_WORDS = 45

_WORD = re.compile(r"\w{4,}|\d+")


def content(text: str) -> Counter[str]:
    """Count words of four letters or more and numbers."""
    return Counter(_WORD.findall(text.casefold()))


def overlap(words: Counter[str], other: Counter[str]) -> float:
    """Return F1 of the shared words, 0 to 1."""
    shared = sum((words & other).values())
    return 2 * shared / (words.total() + other.total()) if shared else 0.0


def summarize(row: Row, random: Random) -> Example:
    """Return a person's summary of the text, or the sentence of the text that comes closest to it."""
    if random.random() >= CHOSEN_SHARE:
        return summary(row, random)
    wanted = content(row[1])
    closest = max(split_passage(row[0]), key=lambda sentence: overlap(content(sentence), wanted))
    return Example(prompts.summary_prompt(row[0], summary_length(row[1])), " " + closest)


def gist(passage: Passage, random: Random) -> Example:
    """Return the sentences of a window that share most with the others, in their order."""
    window = cut_window(passage, random, least=3)
    length = random.choice(tuple(SENTENCES))
    chosen = choose_central(window, random.randint(*SENTENCES[length]))
    return Example(prompts.summary_prompt(" ".join(window), length), " " + " ".join(chosen))


def choose_central(sentences: Sequence[str], count: int) -> list[str]:
    """Return `count` sentences, at most half of them all, that share most with the others."""
    words = [content(sentence) for sentence in sentences]
    whole = sum(words, Counter())
    fitting = [n for n, sentence in enumerate(sentences) if len(sentence.split()) <= MAX_WORDS] or [0]
    ranked = sorted(fitting, key=lambda n: -_recall(words[n], whole - words[n]) - (0.05 if n == 0 else 0.0))
    return [sentences[n] for n in sorted(ranked[: min(count, max(1, len(sentences) // 2))])]


def _recall(words: Counter[str], rest: Counter[str]) -> float:
    """Return how much these words cover of the words that the rest repeats, over the root of their length."""
    covered = sum(min(rest[word], 3) for word in words)
    return float(covered / (words.total() + 6) ** 0.5)
