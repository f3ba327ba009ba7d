"""Whether a summary keeps to its text."""

from collections import Counter

from gptstore.sdk.text import split_sentences
from gptstore_summarizer.words import TOKEN, Weights, all_words, content_words

MIN_SHARE = 0.6
"""The part of the summary's words, weighted by how rare they are, that the text must have."""

PHRASE = 4
MAX_TIMES = 2
"""How often a phrase of four words may occur; a shorter one must not be said three times in a row."""


def find_fault(text: str, summary: str) -> str | None:
    """What is wrong with the summary, in a few words for the log, or None."""
    if not content_words(summary):
        return "it says nothing"
    if repeats(summary) and not repeats(text):
        return "it repeats itself"
    if missing := sorted(facts(summary) - set(all_words(text))):
        return f"the text does not speak of {', '.join(missing)}"
    if share_from(text, summary) < MIN_SHARE:
        return "it speaks of something else than the text"
    if copies(text, summary):
        return "it only copies sentences, which are better chosen among all of them"
    return None


def copies(text: str, summary: str) -> bool:
    """Whether every sentence of the summary is one of the text."""
    sentences = {tuple(all_words(sentence)) for sentence in split_sentences(text)}
    return all(tuple(all_words(sentence)) in sentences for sentence in split_sentences(summary))


def repeats(text: str) -> bool:
    words = all_words(text)
    phrases = Counter(tuple(words[start : start + PHRASE]) for start in range(len(words) - PHRASE + 1))
    return max(phrases.values(), default=0) > MAX_TIMES or any(_stutters(words, size) for size in range(1, PHRASE))


def _stutters(words: list[str], size: int) -> bool:
    """Whether a phrase of `size` words is said three times, one right after the other."""
    same = [word == later for word, later in zip(words, words[size:], strict=False)]
    return any(all(same[start : start + 2 * size]) for start in range(len(same) - 2 * size + 1))


def facts(summary: str) -> set[str]:
    """Numbers and names. The first word of a sentence has a capital letter anyway, so it is not taken for a name."""
    found = set()
    for sentence in split_sentences(summary):
        words = TOKEN.findall(sentence)
        found |= {word for word in words if word[0].isdigit()}
        found |= {word.casefold() for word in words[1:] if word[0].isupper() and len(word) > 1}
    return found


def share_from(text: str, summary: str) -> float:
    """How much of what the summary says, from 0 to 1, it says in words of the text."""
    known = frozenset(content_words(text))
    said = frozenset(content_words(summary))
    weights = Weights([frozenset(content_words(sentence)) for sentence in split_sentences(text)])
    return weights.sum(said & known) / weights.sum(said)
