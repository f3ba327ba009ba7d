"""Checks whether a base model's summary keeps to its text; if not, sentences of the text take its place."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.sdk import Context, md
from gptstore.sdk.text import split_sentences
from gptstore.sdk.words import TOKEN, IdfWeights, all_words, content_words
from gptstore_base_model_aids.folded_text import FoldedText
from gptstore_base_model_aids.repetition import find_loops
from gptstore_base_model_aids.scoring import Report
from gptstore_base_model_aids.summary_sentences import choose_sentences
from gptstore_base_model_aids.whole_numbers import numbers_of

CHOSEN = "*Sentences chosen from the text:*"
PARTED = re.compile(r"(?<=\d)[-/:](?=\d)")
SENTENCE_ENDS = tuple(".!?…。！？｡।॥؟۔።։။។")
CLOSERS = "\"'”’»)]）」』"

MIN_SHARE = 0.6
"""The least part of the summary's words, weighted by how rare they are, that the text must have."""

PHRASE = 4
MAX_TIMES = 2
"""The most times that a phrase of four words may occur, or a shorter one in a row, unless the text has it as often."""


@dataclass(frozen=True)
class Summary:
    """The text to show. It is empty when the model gave no summary and nothing could be chosen either."""

    text: str
    is_chosen: bool = False

    def __str__(self) -> str:
        """Return it as Markdown, with nothing in it read as Markdown."""
        shown = md.escape(self.text)
        return f"{CHOSEN}\n\n{shown}" if self.text and self.is_chosen else shown


def check_summary(
    ctx: Context, text: str, answer: str, prompt: str, most: int, report: Report, parts: int = 1
) -> Summary:
    """Keep the model's answer, without a torn end, or choose up to `most` sentences of the text in its place.

    prompt: the one that the model answered. parts: how many parts of a longer text are summarized in this run.
    """
    whole = without_torn_end(answer.strip())
    fault = find_fault(text, whole)
    if not fault:
        return Summary(whole)
    ctx.log(f"The model's summary is not shown, because {fault}: {whole[:200]}")
    return Summary(join(choose_sentences(ctx, text, prompt, most, report, parts)), is_chosen=True)


def join(sentences: Sequence[str]) -> str:
    """Join sentences to a paragraph; Chinese ones stand without spaces between them."""
    return (" " if any(" " in sentence for sentence in sentences) else "").join(sentences)


def without_torn_end(summary: str) -> str:
    """Cut off a last sentence that has no end, if there is another one."""
    sentences = split_sentences(summary)
    if len(sentences) > 1 and not sentences[-1].rstrip(CLOSERS + " ").endswith(SENTENCE_ENDS):
        sentences.pop()
    return "".join(sentences).strip()


def find_fault(text: str, summary: str) -> str | None:
    """Return what is wrong with the summary, in a few words for the log, or None."""
    if not content_words(summary):
        return "it says nothing"
    if repeats_more(summary, text):
        return "it repeats itself"
    if missing := sorted(made_up(summary, text)):
        return f"the text does not speak of {', '.join(missing)}"
    if share_from(text, summary) < MIN_SHARE:
        return "it speaks of something else than the text"
    if copies(text, summary):
        return "it only copies sentences, which are better chosen among all of them"
    return None


def copies(text: str, summary: str) -> bool:
    """Return whether every sentence of the summary is one of the text."""
    sentences = {tuple(all_words(sentence)) for sentence in split_sentences(text)}
    return all(tuple(all_words(sentence)) in sentences for sentence in split_sentences(summary))


def repeats_more(summary: str, text: str) -> bool:
    """Return whether a phrase comes too often in the summary, and more often than in the text."""
    said, known = all_words(summary), all_words(text)
    in_text = Counter(phrases_of(known))
    often = (times > max(MAX_TIMES, in_text[phrase]) for phrase, times in Counter(phrases_of(said)).items())
    return any(often) or any(not _stands_in(known, stutter) for stutter in stutters(said))


def phrases_of(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + PHRASE]) for start in range(len(words) - PHRASE + 1)]


def stutters(words: Sequence[str]) -> list[Sequence[str]]:
    """Return what consists of a shorter phrase three times or more, one right after the other."""
    return [
        words[start:end]
        for size in range(1, PHRASE)
        for start, times, end in find_loops(words, size)
        if times > MAX_TIMES
    ]


def _stands_in(words: Sequence[str], phrase: Sequence[str]) -> bool:
    return "\0".join(["", *phrase, ""]) in "\0".join(["", *words, ""])


def made_up(summary: str, text: str) -> frozenset[str]:
    """Return the summary's numbers and names that the text does not have. A number with another sign is another."""
    known = numbers_of(FoldedText(text).text)
    parts = {part for number in known if PARTED.search(number) for part in PARTED.split(number)}
    return (numbers_of(FoldedText(summary).text) - known - parts) | (names(summary) - set(all_words(text)))


def names(summary: str) -> set[str]:
    """Return the names. A sentence's first word has a capital letter anyway, so it is not taken for one."""
    found = set()
    for sentence in split_sentences(summary):
        words = TOKEN.findall(sentence)
        found |= {word.casefold() for word in words[1:] if word[0].isupper() and len(word) > 1}
    return found


def share_from(text: str, summary: str) -> float:
    """Return how much of the summary, from 0 to 1, is in words of the text."""
    known = frozenset(content_words(text))
    used = frozenset(content_words(summary))
    weights = IdfWeights([frozenset(content_words(sentence)) for sentence in split_sentences(text)])
    return weights.sum(used & known) / weights.sum(used)
