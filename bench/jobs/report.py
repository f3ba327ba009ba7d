"""The results of one run, as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from bench.common.samples import Spread, spread
from bench.jobs.bare import BareFlight
from bench.jobs.flight import Flight
from bench.jobs.growth import Level

RUNNING_AIM_MS = 30.0
RATE_AIM = 100.0
FLAT = 1.5
"""A median with a full table may be so many times that with an empty one: rounds of the same differ by as much."""


@dataclass(frozen=True)
class Summary:
    """All rounds of one subject with so many in flight: each figure's median over the rounds, and its quartiles."""

    in_flight: int
    figures: dict[str, Spread]
    cpu_ms: dict[str, Spread]


@dataclass(frozen=True)
class Found:
    """The results on one database."""

    database: str
    facts: dict[str, Any]
    jobs: list[Summary]
    bare: list[Summary]
    levels: list[Level]
    problem: str | None = None


def summarize(in_flight: int, rounds: Sequence[Flight] | Sequence[BareFlight]) -> Summary:
    names = [field.name for field in fields(rounds[0]) if field.name != "cpu_ms"]
    figures = {name: spread(getattr(one, name) for one in rounds) for name in names}
    cpu = {name: spread(one.cpu_ms[name] for one in rounds) for name in rounds[0].cpu_ms}
    return Summary(in_flight, figures, cpu)


def aims(found: Sequence[Found]) -> dict[str, bool | None]:
    """Return whether each aim is reached; None for one that was not measured."""
    first = [one.figures["running_p50"].median for each in found for one in each.jobs if one.in_flight == 1]
    rates = [one.figures["per_s"].median for each in found if each.database == "PostgreSQL" for one in each.jobs]
    ratios = [ratio for each in found for ratio in growth_ratios(each.levels)]
    return {
        f"submit to running within {RUNNING_AIM_MS:g} ms at 1 in flight": max(first) <= RUNNING_AIM_MS
        if first
        else None,
        f"{RATE_AIM:g} jobs/s on PostgreSQL": max(rates) >= RATE_AIM if rates else None,
        "a claim and a finish cost the same with a full table": max(ratios) <= FLAT if ratios else None,
    }


def growth_ratios(levels: Sequence[Level]) -> list[float]:
    """Return the ratios of the claims and finishes of each level to those of the first."""
    return [value for one in levels[1:] for value in (one.claim / levels[0].claim, one.finish / levels[0].finish)]


def as_json(found: Sequence[Found]) -> list[dict[str, Any]]:
    return [asdict(one) for one in found]
