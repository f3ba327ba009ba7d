"""The skill of translating single sentences, in both directions between English and each other language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sacrebleu.metrics.chrf import CHRF

from training import prompts
from training.evaluation.skill import Figures, ModelInput, Skill, mean
from training.stream import Stream
from training.streams import TRANSLATED

LIMIT = 150
MAX_TOKENS = 96


@dataclass(frozen=True)
class Sentence:
    """A sentence. gold: every translation that the corpus has."""

    source: str
    gold: tuple[str, ...]
    languages: tuple[str, str]


def translation_skills(streams: Mapping[str, Stream], limit: int = LIMIT) -> Iterator[Skill[Sentence]]:
    for language in TRANSLATED:
        rows = streams[f"translate-{language}"].held_out
        for ends in (("en", language), (language, "en")):
            pairs = [(row[0], row[1]) if ends[0] == "en" else (row[1], row[0]) for row in rows]
            yield _skill(_sentences(pairs, ends)[:limit], ends)


def _skill(rows: Sequence[Sentence], languages: tuple[str, str]) -> Skill[Sentence]:
    return Skill(
        name=f"translate {'→'.join(languages)}",
        rows=rows,
        ask=lambda row: ModelInput(
            prompts.translation_prompt(row.source, *row.languages), prompts.STOP["translate"], MAX_TOKENS
        ),
        measure=measure,
        baselines={"copy": copy},
    )


def _sentences(pairs: Sequence[tuple[str, str]], languages: tuple[str, str]) -> list[Sentence]:
    gold: dict[str, list[str]] = {}
    for source, target in pairs:
        gold.setdefault(source, []).append(target)
    return [Sentence(source, tuple(dict.fromkeys(targets)), languages) for source, targets in gold.items()]


def measure(rows: Sequence[Sentence], answers: Sequence[str]) -> Figures:
    """Return chrF2 of all sentences together (Popović 2015, sacrebleu), 0 to 100, and the share equal to the corpus."""
    given = [answer.strip() for answer in answers]
    most = max((len(row.gold) for row in rows), default=0)
    gold: list[list[Any]] = [[row.gold[n] if n < len(row.gold) else None for row in rows] for n in range(most)]
    same = [float(answer in row.gold) for row, answer in zip(rows, given, strict=True)]
    return {"chrf": CHRF().corpus_score(given, gold).score if rows else 0.0, "exact_match": 100 * mean(same)}


def copy(row: Sentence) -> str:
    return row.source
