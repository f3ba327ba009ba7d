"""The samples of a measurement: lists of numbers, and their summaries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.common.samples import percentile
from bench.engine.crowd import Crowd


@dataclass(frozen=True)
class Ratio:
    """The ratio of two medians, with the lowest and the highest ratio that one round gave."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """The summary of some numbers: the middle one, the ends, and the middle of each half."""

    median: float
    low: float
    lower_quartile: float
    upper_quartile: float
    high: float
    count: int
    unit: str


class Samples:
    """Named lists of measurements, one entry a round, in the order of the rounds."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = defaultdict(list)
        self._units: dict[str, str] = {}

    def add(self, name: str, value: float, unit: str) -> None:
        self._values[name].append(value)
        self._units[name] = unit

    def add_crowd(self, name: str, crowd: Crowd) -> None:
        self.add(name, crowd.tokens_per_s, "tokens/s")
        self.add(f"{name}, first token", crowd.first_token_s, "s")

    def ratio(self, above: str, below: str) -> Ratio:
        """Return the median of one by the median of the other, measured in the same rounds."""
        rounds = [first / second for first, second in zip(self._values[above], self._values[below], strict=True)]
        return Ratio(self.median(above) / self.median(below), min(rounds), max(rounds))

    def median(self, name: str) -> float:
        return median(self._values[name])

    def summaries(self) -> dict[str, Summary]:
        return {name: summarize(values, self._units[name]) for name, values in self._values.items()}


def summarize(values: Sequence[float], unit: str) -> Summary:
    lower, upper = percentile(values, 25), percentile(values, 75)
    return Summary(median(values), min(values), lower, upper, max(values), len(values), unit)
