"""The report of an evaluation, as JSON and as a Markdown table."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from training.evaluation.skill import Figures

MODEL, TOOL = "model", "through the tool"
LOWER_IS_BETTER = {"perplexity", "bits_per_byte"}
UNTABLED = {"sentence_rows", "chosen"}


@dataclass
class Result:
    """The figures of one skill over so many rows: of the models and the tool by name, of the trivial baselines."""

    rows: int
    figures: dict[str, Figures] = field(default_factory=dict)
    baselines: dict[str, Figures] = field(default_factory=dict)

    def best_baseline(self, measure: str) -> tuple[float, str] | None:
        """Return the best figure and its baseline's name."""
        found = [(figures[measure], name) for name, figures in self.baselines.items() if measure in figures]
        return (min(found) if measure in LOWER_IS_BETTER else max(found)) if found else None


@dataclass
class Report:
    """The results.

    models: the description of each by name. dropped, left: rows that overlap with held-out ones, by stream,
    before and after they were dropped. seen: tasks of our own whose solution is trained on.
    """

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    results: dict[str, Result] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "models": self.models,
            "decontamination": {
                "rows_dropped": self.dropped,
                "overlaps_left": self.left,
                "own_tasks_trained_on": self.seen,
            },
            "results": {name: _rounded(asdict(result)) for name, result in self.results.items()},
        }

    def as_markdown(self) -> str:
        """Return a table with one line a measure; its baseline is the best of the trivial ones."""
        given = {name: None for result in self.results.values() for name in result.figures}
        others = [name for name in given if name not in (MODEL, TOOL)]
        columns = [MODEL, *([TOOL] if TOOL in given else []), *others]
        head = ["skill", "rows", "measure", *columns, "trivial baseline"]
        lines = [head, ["---", "---:", "---", *["---:"] * len(columns), "---:"], *self._lines(columns)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def _lines(self, columns: list[str]) -> Iterator[list[str]]:
        for name, result in self.results.items():
            for measure in dict.fromkeys(one for figures in result.figures.values() for one in figures):
                if measure not in UNTABLED:
                    shown = [_number(result.figures.get(column, {}).get(measure)) for column in columns]
                    best = result.best_baseline(measure)
                    baseline = f"{_number(best[0])} ({best[1]})" if best else ""
                    yield [name, str(result.rows), measure.replace("_", " "), *shown, baseline]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value
