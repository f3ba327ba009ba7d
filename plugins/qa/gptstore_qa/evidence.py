"""Finds the sentences of a passage that an answer rests on, and quotes them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from gptstore.sdk import md
from gptstore.sdk.graphemes import last_grapheme_border
from gptstore.sdk.text import split_sentences
from gptstore.sdk.words import TOKEN, IdfWeights, content_words
from gptstore_base_model_aids.answer_span import find_spans
from gptstore_base_model_aids.folded_text import one_line

MAX_SENTENCES = 3
SUPPORTED_FROM = 0.5
"""The least part of the answer's words, weighted by how rare they are, that must occur in the sentences."""

WORTH_ADDING = 0.2
"""The least part of the answer's words that a further sentence has to bring to be shown."""

MAX_QUOTE_CHARACTERS = 600
"""The length from which on a sentence is shown in parts: those around the answer."""

MAX_WORD = 30
"""The length up to which a word is not cut at the ends of these parts."""

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
    """Find the sentence in which the answer stands as it is, or else the fewest sentences that hold its words.

    Of equal ones, those are taken that also mention the question's words. An answer without words of its own, such as
    "yes", is searched by the words of the question.
    """
    sentences = split_sentences(passage)
    words = [frozenset(content_words(sentence)) for sentence in sentences]
    weights = IdfWeights([held for held in words if held])
    asked = frozenset(content_words(question))
    verbatim = [range(first, last + 1) for first, last in find_places(passage, sentences, answer)]
    chosen, support = (
        (max(verbatim, key=lambda place: weights.sum(_union(words, place) & asked)), 1.0)
        if verbatim
        else choose_fewest(words, weights, frozenset(content_words(answer)) or asked, asked)
    )
    if not chosen or support < SUPPORTED_FROM:
        return Evidence(support=support)
    relevance = weights.sum(_union(words, chosen) & asked) / weights.sum(asked) if asked else 0.0
    quoted = ["".join(sentences[i] for i in chosen)] if verbatim else [sentences[i] for i in sorted(chosen)]
    return Evidence([sentence.strip() for sentence in quoted], support, relevance)


def find_places(passage: str, sentences: Sequence[str], answer: str) -> list[tuple[int, int]]:
    """Return the first and the last sentence of each place where the whole answer stands, if they are not too many."""
    ends = [*accumulate(map(len, sentences))]
    places = [(bisect_right(ends, start), bisect_left(ends, end)) for start, end in find_spans(passage, answer)]
    return [(first, last) for first, last in dict.fromkeys(places) if last - first < MAX_SENTENCES]


def choose_fewest(
    words: Sequence[frozenset[str]], weights: IdfWeights, wanted: frozenset[str], asked: frozenset[str]
) -> tuple[list[int], float]:
    """Choose the fewest sentences that hold the wanted words; return them and the share of the words in them."""
    total = weights.sum(wanted)
    chosen: list[int] = []
    missing = wanted
    while len(chosen) < MAX_SENTENCES and missing and words:
        best = max(range(len(words)), key=lambda i: (weights.sum(words[i] & missing), weights.sum(words[i] & asked)))
        gain = weights.sum(words[best] & missing)
        if gain <= 0 or (chosen and gain < WORTH_ADDING * total):
            break
        chosen.append(best)
        missing -= words[best]
    return chosen, 1 - weights.sum(missing) / total if total else 0.0


def show(evidence: Evidence, answer: str) -> str:
    """Return the sentences under a heading, as Markdown, or a remark that there are none."""
    return f"**From the passage:**\n\n{quote(evidence.sentences, answer)}" if evidence.sentences else NO_EVIDENCE


def quote(sentences: Sequence[str], answer: str = "") -> str:
    """Return the sentences as a Markdown quote block, each a paragraph, with nothing in them read as Markdown.

    A very long one is shown around the answer, or around the words of it or of a question.
    """
    return "\n>\n".join(f"> {md.escape(excerpt(one_line(sentence), answer))}" for sentence in sentences)


def excerpt(sentence: str, answer: str) -> str:
    """Return the sentence, or of a very long one the parts around the answer, which are never cut themselves."""
    if len(sentence) <= MAX_QUOTE_CHARACTERS:
        return sentence
    kept = spots_of(sentence, answer) or [(0, 0)]
    around = max(0, MAX_QUOTE_CHARACTERS - sum(end - start for start, end in kept)) // (2 * len(kept))
    parts: list[tuple[int, int]] = []
    for start, end in kept:
        first, last = word_start(sentence, start - around), word_end(sentence, end + around)
        if parts and first <= parts[-1][1]:
            first = parts.pop()[0]
        parts.append((first, max(last, end)))
    shown = " … ".join(sentence[first:last].strip() for first, last in parts)
    return f"{'… ' if parts[0][0] else ''}{shown}{' …' if parts[-1][1] < len(sentence) else ''}"


def spots_of(sentence: str, answer: str) -> list[tuple[int, int]]:
    """Return from where to where the answer stands in the sentence; if it doesn't as it is, where its words do."""
    whole = next(find_spans(sentence, answer), None)
    if whole:
        return [whole]
    missing = set(content_words(answer))
    spots = []
    for match in TOKEN.finditer(sentence):
        held = missing.intersection(content_words(match[0]))
        if held:
            missing -= held
            spots.append(match.span())
    return spots


def word_start(sentence: str, position: int) -> int:
    """Return the start of the word at this position, or of the character where no space is near."""
    if position <= 0:
        return 0
    space = sentence.rfind(" ", max(0, position - MAX_WORD), position)
    return space + 1 if space >= 0 else last_grapheme_border(sentence, position)


def word_end(sentence: str, position: int) -> int:
    """Return the end of the word at this position, or of the character where no space is near."""
    if position >= len(sentence):
        return len(sentence)
    space = sentence.find(" ", position, position + MAX_WORD)
    return space if space >= 0 else last_grapheme_border(sentence, position)


def _union(words: Sequence[frozenset[str]], chosen: Iterable[int]) -> frozenset[str]:
    return frozenset[str]().union(*(words[i] for i in chosen))
