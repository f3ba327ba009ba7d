"""The skill of summarizing, in the length of people's summary; the tool makes short ones, as most are one sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.sdk.text import split_sentences
from training import prompts, tasks
from training.evaluation import rouge
from training.evaluation.skill import Figures, ModelInput, Skill, ToolInput, chosen_share, mean
from training.stream import Stream

_REMARK = re.compile(r"(\*{1,2})\S.*\1:?")

LIMIT = 200
MAX_TOKENS = {"short": 60, "medium": 130, "long": 240}
LEAD_WORDS = {"short": tasks.SHORT_WORDS, "medium": tasks.MEDIUM_WORDS, "long": 40}


@dataclass(frozen=True)
class Text:
    text: str
    gold: str

    @property
    def length(self) -> str:
        return tasks.summary_length(self.gold)


def summary_skill(stream: Stream, limit: int = LIMIT) -> Skill[Text]:
    return Skill(
        name="summarize",
        rows=[Text(*row) for row in stream.held_out[:limit]],
        ask=lambda row: ModelInput(
            prompts.summary_prompt(row.text, row.length), prompts.STOP["summarize"], MAX_TOKENS[row.length]
        ),
        measure=measure,
        baselines={"lead": lead},
        use=lambda row: ToolInput("summarizer", {"text": row.text, "length": "short"}),
    )


def measure(rows: Sequence[Text], answers: Sequence[str]) -> Figures:
    """Return the figures in percent: ROUGE's F1, and the share of chosen sentences."""
    pairs = [(read_summary(answer), row.gold) for row, answer in zip(rows, answers, strict=True)]
    return {
        "rouge_1": 100 * mean([rouge.rouge_n(answer, gold, 1) for answer, gold in pairs]),
        "rouge_2": 100 * mean([rouge.rouge_n(answer, gold, 2) for answer, gold in pairs]),
        "rouge_l": 100 * mean([rouge.rouge_l(answer, gold) for answer, gold in pairs]),
        "chosen": chosen_share(answers),
    }


def read_summary(text: str) -> str:
    """Return the summary without lines that the tool sets in bold or italics as remarks."""
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line.removeprefix(">").strip() for line in lines if line and not _REMARK.fullmatch(line))


def lead(row: Text) -> str:
    """Return the first sentences, whole ones as long as they fit, cut to the words of the length class."""
    most = LEAD_WORDS[row.length]
    words: list[str] = []
    for sentence in split_sentences(row.text):
        if words and len(words) + len(sentence.split()) > most:
            break
        words += sentence.split()
    return " ".join(words[:most])
