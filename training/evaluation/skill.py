"""One skill that is measured: rows, the prompt for each, and the measure of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Figures = dict[str, float]
Row = TypeVar("Row")


@dataclass(frozen=True)
class ModelInput:
    """A prompt as a tool sends it."""

    prompt: str
    stop: tuple[str, ...]
    max_tokens: int


@dataclass(frozen=True)
class ToolInput:
    """The input of a tool. slug: of the tool. values: what a user would enter."""

    slug: str
    values: dict[str, str]


@dataclass(frozen=True)
class Skill(Generic[Row]):
    """A skill. measure: gets the rows and an answer to each. baselines: by name, answers that need no model.

    use: converts a row to input of the tool that is built on this skill; None: the tool only passes the answer on.
    """

    name: str
    rows: Sequence[Row]
    ask: Callable[[Row], ModelInput]
    measure: Callable[[Sequence[Row], Sequence[str]], Figures]
    baselines: Mapping[str, Callable[[Row], str]] = field(default_factory=dict)
    use: Callable[[Row], ToolInput] | None = None


def chosen_share(answers: Sequence[str]) -> float:
    """Return the percent of answers that the tool marks as sentences of the text, for want of an answer."""
    return 100 * mean([float("chosen from the text" in answer.partition("\n")[0].lower()) for answer in answers])


def mean(values: Sequence[float]) -> float:
    """Return the mean; 0 of no values."""
    return sum(values) / len(values) if values else 0.0
