"""The report as text, for people."""

from collections.abc import Iterable

from bench.common.report import bound_of
from bench.engine.report import Line, Row
from bench.engine.samples import Summary

_WIDTH = 66


def draw(rows: Iterable[Row]) -> str:
    """Draw the figures and their targets, then the samples behind them."""
    found = list(rows)
    lines = [f"{'':3} {'ratio':{_WIDTH}} {'value':>8} {'(rounds)':>15} {'must':>7} {'aim':>7}  holds"]
    for row in found:
        lines += [_figure(row.number, line) for line in row.lines]
        lines += [f"{row.number:3} not measured: {row.problem}"] if row.problem else []
    lines += ["", f"{'':3} {'rounds':{_WIDTH}} {'median':>8} {'(quartiles)':>15} {'lowest':>8} {'highest':>8} {'n':>5}"]
    for row in found:
        lines += [_sample(row.number, name, summary) for name, summary in row.samples.items()]
        lines += [f"{row.number:3} {name.replace('_', ' '):{_WIDTH}} {value:8.4g}" for name, value in row.facts.items()]
    return "\n".join(lines)


def _figure(number: int, line: Line) -> str:
    value = "-" if line.value is None else f"{line.value:.2f} ×"
    span = "" if line.low is None or line.high is None else f"({line.low:.2f}–{line.high:.2f})"
    text = f"{number:3} {line.what:{_WIDTH}} {value:>8} {span:>15}"
    if line.target is None:
        return text
    must, aim = (bound_of(bound, at_most=line.target.at_most) for bound in (line.target.at_least, line.target.aim))
    verdict = "aim" if line.reaches_aim else "yes" if line.holds else "NO"
    return f"{text} {must:>7} {aim:>7}  {verdict}"


def _sample(number: int, name: str, found: Summary) -> str:
    scale, unit = (1000, "ms") if found.unit == "s" else (1, found.unit)
    middle, lower, upper = (
        f"{scale * part:.4g}" for part in (found.median, found.lower_quartile, found.upper_quartile)
    )
    ends = f"{scale * found.low:8.4g} {scale * found.high:8.4g}"
    return f"{number:3} {f'{name}, {unit}':{_WIDTH}} {middle:>8} {f'({lower}–{upper})':>15} {ends} {found.count:5}"
