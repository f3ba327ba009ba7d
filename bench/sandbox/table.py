"""The report as text, for people."""

from collections.abc import Iterable

from bench.common.report import bound_of
from bench.sandbox.report import Figure, Part

WIDTH = 76


def draw(parts: Iterable[Part]) -> str:
    lines = [f"{'':8} {'':{WIDTH}} {'value':>10} {'':9} {'(rounds)':>17} {'aim':>8}"]
    for part in parts:
        lines += [row(part.name, figure) for figure in part.figures]
        lines += [f"{part.name:8} not measured: {part.problem}"] if part.problem else []
        if "ended" in part.facts:
            lines += [ending(part.name, what, found) for what, found in part.facts["ended"].items()]
        lines.append("")
    return "\n".join(lines).rstrip()


def row(name: str, figure: Figure) -> str:
    spread = "" if figure.low is None or figure.high is None else f"({figure.low:.4g}–{figure.high:.4g})"
    text = f"{name:8} {figure.what:{WIDTH}} {figure.value:>10.4g} {figure.unit:9} {spread:>17}"
    if figure.aim is None:
        return text.rstrip()
    return f"{text} {bound_of(figure.aim, at_most=figure.at_most):>8}  {'yes' if figure.reaches_aim else 'NO'}"


def ending(name: str, what: str, found: dict[str, int]) -> str:
    said = ", ".join(f"{count} × {how}" for how, count in found.items())
    return f"{name:8}   {what}: {said}"
