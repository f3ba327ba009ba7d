"""The report as text, for people."""

from collections.abc import Iterable

from bench.common.samples import Spread
from bench.jobs.growth import Level
from bench.jobs.report import Found, Summary

SHOWN = ("per_s", "answered_p50", "running_p50", "running_p95", "finished_p50", "finished_p95")
HEAD = ("each second", "answered p50", "running p50", "running p95", "finished p50", "finished p95")


def draw(found: Iterable[Found]) -> str:
    return "\n\n".join(section(one) for one in found)


def section(found: Found) -> str:
    lines = [f"{found.database}: {', '.join(f'{name} {value}' for name, value in found.facts.items())}"]
    if found.problem:
        return "\n".join([*lines, f"  not measured: {found.problem}"])
    lines += [
        "",
        f"  {'in flight':>18}" + "".join(f"{name:>24}" for name in HEAD) + "  (ms; median of rounds, quartiles)",
    ]
    lines += [row("jobs", one) for one in found.jobs] + [row("bare tasks", one) for one in found.bare]
    lines += ["", "  processor time, ms each"]
    lines += [cpu("jobs", one) for one in found.jobs] + [cpu("bare tasks", one) for one in found.bare]
    if found.levels:
        lines += ["", f"  {'finished':>10}{'queued':>8}" + "".join(f"{name:>10}" for name in LEVEL) + "  (ms)"]
        lines += [level(one) for one in found.levels]
    return "\n".join(lines)


LEVEL = ("submit", "claim", "finish", "running", "finished")


def row(name: str, one: Summary) -> str:
    cells = "".join(f"{shown(one.figures.get(figure)):>24}" for figure in SHOWN)
    return f"  {name:>10} {one.in_flight:>7}{cells}"


def cpu(name: str, one: Summary) -> str:
    total = sum(part.median for part in one.cpu_ms.values())
    parts = ", ".join(f"{process} {part.median:.2f}" for process, part in one.cpu_ms.items())
    return f"  {name:>10} {one.in_flight:>7}  {total:.2f}: {parts}"


def level(one: Level) -> str:
    cells = "".join(f"{number(value):>10}" for value in (getattr(one, name) for name in LEVEL))
    return f"  {one.finished_rows:>10,}{one.queued_rows:>8,}{cells}"


def shown(value: Spread | None) -> str:
    if value is None:
        return "-"
    return f"{value.median:.1f} ({value.lower_quartile:.1f}-{value.upper_quartile:.1f})"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
