"""Measures one model after the other on the same rows, and keeps figures and answers."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.evaluation import prose, qa, summaries, translations
from training.evaluation.answers import write_answers
from training.evaluation.code import code_skills
from training.evaluation.code_tasks import CodeTask
from training.evaluation.prose import Window
from training.evaluation.report import TOOL, Report, Result
from training.evaluation.skill import Figures, Skill
from training.evaluation.tools import use_tools
from training.stream import Stream
from worker.engine.protocol import Engine

PROSE = "prose"

log = logging.getLogger("training")


@dataclass
class Measurement:
    """The measurement. answers: for each skill by name, those of each model by name and of the tools."""

    skills: Sequence[Skill[Any]]
    windows: Sequence[Window]
    report: Report
    answers: dict[str, dict[str, Sequence[str]]] = field(default_factory=dict)

    def measure_baselines(self, folder: Path, text: Stream) -> None:
        """Measure the trivial baselines. folder: of the model whose tokens the unigram baseline counts."""
        for skill in self.skills:
            made = {name: [make(row) for row in skill.rows] for name, make in skill.baselines.items()}
            figures = {name: skill.measure(skill.rows, answers) for name, answers in made.items()}
            self.report.results[skill.name] = Result(len(skill.rows), baselines=figures)
        unigram = prose.unigram_perplexity(folder, text, self.windows)
        self.report.results[PROSE] = Result(len(self.windows), baselines={"unigram": unigram})

    def measure_model(self, engine: Engine, name: str) -> None:
        for skill in self.skills:
            self.measure(skill, engine, name)
        self._note(PROSE, name, prose.perplexity(engine, self.windows))

    def measure(self, skill: Skill[Any], engine: Engine, name: str) -> None:
        self._keep(skill, name, write_answers(engine, [skill.ask(row) for row in skill.rows]))

    def measure_tools(self, engine: Engine) -> None:
        for skill in self.skills:
            if skill.use:
                self._keep(skill, TOOL, use_tools(engine, [skill.use(row) for row in skill.rows]))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each row and all answers to it."""
        for skill in self.skills:
            for number, row in enumerate(skill.rows):
                answers = {name: said[number] for name, said in self.answers[skill.name].items()}
                yield {"skill": skill.name, "row": asdict(row), "answers": answers}

    def _keep(self, skill: Skill[Any], name: str, answers: Sequence[str]) -> None:
        self.answers.setdefault(skill.name, {})[name] = answers
        self._note(skill.name, name, skill.measure(skill.rows, answers))

    def _note(self, skill: str, name: str, figures: Figures) -> None:
        self.report.results[skill].figures[name] = figures
        log.info("%s: %s: %s", skill, name, {measure: round(value, 2) for measure, value in figures.items()})


def choose_skills(
    streams: Mapping[str, Stream], own: Sequence[CodeTask], seen: Sequence[str], limit: int | None
) -> Iterator[Skill[Any]]:
    yield qa.question_skill(streams["qa"], limit or qa.LIMIT)
    yield summaries.summary_skill(streams["summarize"], limit or summaries.LIMIT)
    yield from translations.translation_skills(streams, limit or translations.LIMIT)
    yield from code_skills(streams["code"], own, seen, limit)
