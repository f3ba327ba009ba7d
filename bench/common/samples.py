"""Medians, quartiles and other percentiles of measurements."""

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
    """Return the value below which so many percent lie, between two neighbours where it falls between them."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]
