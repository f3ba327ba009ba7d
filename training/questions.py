"""Makes questions from prose by rule: a span of a sentence is the answer, the rest of the sentence is the question.

The rule is that of cloze translation (Lewis et al. 2019, "Unsupervised Question Answering by Cloze Translation").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from training.entity_swap import disguise
from training.passages import Passage, cut_window
from training.tasks import Example, question

MIN_WORDS, MAX_WORDS = 6, 45
DROPPED = (0.0, 0.0, 0.2, 0.4)
AROUND = 14

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_KINDS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("When", "On what date"), re.compile(rf"\b(?:on )?((?:\d\d? )?{_MONTH}(?: \d\d?)?(?:,? \d{{4}})?)")),
    (("When", "In what year", "In which year"), re.compile(r"\b(?:in |In |by |since )?(1\d{3}|20\d\d)\b")),
    (
        ("How many", "How much", "What number of"),
        re.compile(r"\b(\d[\d,.]*\d|\d+|two|three|four|five|six|seven|eight|nine|ten|twenty|hundreds?|thousands?)\b"),
    ),
    (("Where",), re.compile(r"\b(?:in|at|near|from) ((?:the )?[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)")),
    (
        ("Who", "What", "Which person", "Which"),
        re.compile(r"(?<=[a-z,] )((?:the )?[A-Z][\w’'.-]*\w(?: (?:of |the |de |van )?[A-Z][\w’'-]+)*)"),
    ),
    (
        ("What", "Which", "What"),
        re.compile(r"\b((?:the|a|an|his|her|their|its|this|some|many) (?:[a-z-]+ )?[a-z-]{3,})\b"),
    ),
    (("How", "With what", "By whom"), re.compile(r"\b(?:by|with|through) ((?:\w+ ){1,3}\w+)\b")),
    (("Why",), re.compile(r"\b((?:because|so that|in order to) [^,.;]{8,80})")),
)
_SUBJECT = re.compile(
    r"^((?:The |A |An |His |Her |Their |Its |Many |Some )?(?:[\w’'-]+ ){0,4}?[\w’'-]+) "
    r"((?:is|are|was|were|has|had|have|can|could|will|would|may|might|did|does|do|made|took|gave|went|came|became|began|"
    r"led|won|lost|said|told|wrote|found|built|held|used|called|[a-z]{3,}ed)\b.*)$"
)
_VERB = re.compile(r"\b(is|are|was|were|has|had|have|can|could|will|would|may|might|should|must)\b")


@dataclass(frozen=True)
class Span:
    """A span of a sentence: the question words for it, where it is cut out, and the answer in it."""

    asked_by: tuple[str, ...]
    start: int
    end: int
    answer: str


def ask(passage: Passage, names: Sequence[str], random: Random) -> Example:
    """Make an example with a question about a window of the passage; plain text if no sentence has a span."""
    window = cut_window(passage, random)
    for sentence in random.sample(window, len(window)):
        if MIN_WORDS <= len(sentence.split()) <= MAX_WORDS:
            made = make_question(sentence, random)
            if made is not None:
                return question(disguise((" ".join(window), *made), names, random), random)
    return Example("", " ".join(window))


def make_question(sentence: str, random: Random) -> tuple[str, str] | None:
    """Make a question about the sentence and its answer, which is a span of the sentence."""
    subject = _SUBJECT.match(sentence)
    if subject and random.random() < 0.3:
        word = random.choice(("Who", "What", "Which") if subject[1][0].isupper() else ("What",))
        return _finish(f"{word} {subject[2]}", random), subject[1]
    spans = find_spans(sentence)
    if not spans:
        return None
    span = random.choice(spans)
    word = random.choice(span.asked_by)
    shape = random.random()
    before, behind = sentence[: span.start].strip(), sentence[span.end :].strip()
    if shape < 0.25:
        return _finish(f"{_lower_first(before)} {word.lower()} {behind}".strip(), random), span.answer
    fronted = _front_verb(before)
    if fronted is None or shape < 0.4:
        return _finish(f"{word} {_lower_first(before)} {behind}", random), span.answer
    return _finish(f"{word} {fronted} {behind}", random), span.answer


def find_spans(sentence: str) -> list[Span]:
    """Return all spans that one of the rules finds, one for each kind and place."""
    return [
        Span(asked_by, match.start(), match.end(), match[1].strip())
        for asked_by, pattern in _KINDS
        for match in pattern.finditer(sentence)
    ]


def _front_verb(before: str) -> str | None:
    """Move the verb to the front: "The tower was built" becomes "was the tower built"."""
    verbs = list(_VERB.finditer(before))
    if not verbs or verbs[0].start() == 0:
        return None
    verb = verbs[0]
    return f"{verb[1]} {_lower_first(before[: verb.start()].strip())} {before[verb.end() :].strip()}".strip()


def _lower_first(text: str) -> str:
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}".strip() if first.lower() in _LOWERED else text


_LOWER = """
the a an in on at by for from with after before when while as his her their its this these those that it he she they we
many some most all both each one two three there to of such since during although because if but and
"""
_LOWERED = frozenset(_LOWER.split())


def _finish(asked: str, random: Random) -> str:
    """Drop some words of the sentence, as a person would; end it with a question mark."""
    words = asked.rstrip(" .!?;:,\"'”’").split()
    words = words[: AROUND + random.randrange(8)]
    share = random.choice(DROPPED)
    kept = [words[0], *(word for word in words[1:] if random.random() >= share)]
    return " ".join(kept).rstrip(",;:") + "?"
