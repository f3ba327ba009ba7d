"""Lists of numbers, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Spread:
    """The median over some rounds, and the middle of each half."""

    median: float
    lower_quartile: float
    upper_quartile: float
    rounds: int


def spread(values: Iterable[float]) -> Spread:
    found = list(values)
    return Spread(median(found), percentile(found, 25), percentile(found, 75), len(found))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie, between two neighbours where it falls between them."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def rounded(value: object) -> object:
    """The same JSON with four digits that count in every number."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(entry) for entry in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
