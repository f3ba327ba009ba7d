"""The result of one part, as plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Self

from bench.common.report import reaches
from bench.common.samples import percentile


@dataclass(frozen=True)
class Figure:
    """One number. low, high: its lowest and highest over the rounds.

    aim: the bound that it should reach; at_most: small is good.
    """

    what: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    aim: float | None = None
    at_most: bool = True

    @classmethod
    def of(cls, what: str, rounds: Sequence[float], unit: str = "", **aim: Any) -> Self:
        """Return the median over the rounds."""
        return cls(what, median(rounds), unit, min(rounds), max(rounds), **aim)

    @property
    def reaches_aim(self) -> bool | None:
        return None if self.aim is None else reaches(self.value, self.aim, at_most=self.at_most)


@dataclass(frozen=True)
class Part:
    """The answer to one question: its figures, ratios first, and further facts."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "figures": [asdict(figure) | {"reaches_aim": figure.reaches_aim} for figure in self.figures]
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        figures = [Figure(**{name: value for name, value in one.items() if name != "reaches_aim"})
                   for one in data["figures"]]  # fmt: skip
        return cls(**{**data, "figures": figures})


def p50_and_p95(what: str, rounds: Iterable[Sequence[float]], unit: str = "ms", **aim: Any) -> list[Figure]:
    """Return the p50 and p95 of each round, as medians over the rounds. aim: of the p50."""
    found = list(rounds)
    return [
        Figure.of(f"{what}, p50", [percentile(one, 50) for one in found], unit, **aim),
        Figure.of(f"{what}, p95", [percentile(one, 95) for one in found], unit),
    ]
