"""The rows of the table."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.common.report import reaches
from bench.engine.samples import Ratio, Samples, Summary


@dataclass(frozen=True)
class Target:
    """The bounds of a figure. at_most: small is good, so the numbers are upper bounds."""

    at_least: float
    aim: float
    at_most: bool = False

    def allows(self, value: float | None, bound: float) -> bool:
        return value is not None and reaches(value, bound, at_most=self.at_most)


@dataclass(frozen=True)
class Line:
    """One figure, a ratio. Without a target it is for information. low, high: the ends of the rounds' own ratios."""

    what: str
    value: float | None
    target: Target | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, what: str, ratio: Ratio, target: Target | None = None) -> "Line":
        return cls(what, ratio.value, target, ratio.low, ratio.high)

    @property
    def holds(self) -> bool | None:
        return self.target.allows(self.value, self.target.at_least) if self.target else None

    @property
    def reaches_aim(self) -> bool | None:
        return self.target.allows(self.value, self.target.aim) if self.target else None


@dataclass
class Row:
    """The answer to one question: its figures, and the samples and facts behind them."""

    number: int
    lines: list[Line] = field(default_factory=list)
    samples: dict[str, Summary] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None

    @classmethod
    def of(cls, number: int, lines: list[Line], samples: Samples, **facts: Any) -> "Row":
        return cls(number, lines, samples.summaries(), facts)

    def as_json(self) -> dict[str, Any]:
        lines = [
            {
                "what": line.what,
                "value": line.value,
                "low": line.low,
                "high": line.high,
                "at_least": line.target.at_least if line.target else None,
                "aim": line.target.aim if line.target else None,
                "is": ("at most" if line.target.at_most else "at least") if line.target else None,
                "holds": line.holds,
                "reaches_aim": line.reaches_aim,
            }
            for line in self.lines
        ]
        samples = {name: asdict(summary) for name, summary in self.samples.items()}
        return {"row": self.number, "lines": lines, "samples": samples, "facts": self.facts, "problem": self.problem}


def holds(rows: Iterable[Row]) -> bool:
    """Return whether every figure that has a target was measured and is good enough."""
    found = list(rows)
    lines = [line for row in found for line in row.lines]
    return all(row.problem is None for row in found) and all(line.holds is not False for line in lines)


def merged(rows: Iterable[Row]) -> list[Row]:
    """Merge rows of the same number, and sort them."""
    found: dict[int, Row] = {}
    for row in sorted(rows, key=lambda row: row.number):
        one = found.setdefault(row.number, Row(row.number))
        one.lines += row.lines
        one.samples |= row.samples
        one.facts |= row.facts
        one.problem = one.problem or row.problem
    return list(found.values())
