"""Reports: JSON for programs, beside it a table for people."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def report_parser(benchmark: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows --json. benchmark: the module's name, as in `bench.jobs`."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog=f"python -m {benchmark}", description=description, formatter_class=form)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON there")
    return parser


def publish(report: Mapping[str, Any], facts: Mapping[str, Any], table: str, file: Path | None) -> None:
    """Write the JSON to `file` and print the table and the facts; without a file the JSON goes to stdout instead."""
    text = json.dumps(report, indent=2, ensure_ascii=False)
    if file:
        file.write_text(text + "\n", encoding="utf-8")
    lines = "\n".join(f"    {name}: {value}" for name, value in facts.items())
    print(f"{table}\n\n{lines}", file=sys.stdout if file else sys.stderr)
    if not file:
        print(text)


def rounded(value: Any) -> Any:
    """Return the same JSON with four significant digits in every number."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(entry) for entry in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def reaches(value: float, bound: float, *, at_most: bool) -> bool:
    """Return whether a figure is as good as its bound. at_most: small is good."""
    return value <= bound if at_most else value >= bound


def bound_of(bound: float, *, at_most: bool) -> str:
    """Return a bound as the tables show it."""
    return f"{'≤' if at_most else '≥'} {bound:g}"
