"""Measures the bundled model on held-out rows: `python -m training.evaluation --data DIR --json FILE`.

Needs sacrebleu, which is among the development requirements.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from training.decontaminate import drop_overlaps
from training.evaluation.code_tasks import read_tasks, seen_tasks
from training.evaluation.measurement import Measurement, choose_skills
from training.evaluation.page import write_page
from training.evaluation.prose import LIMIT, read_windows
from training.evaluation.report import MODEL, Report
from training.streams import load_streams, read_streams
from worker.engine.local.loading import load_engine
from worker.engine.protocol import Engine

BUNDLED = Path(__file__).parents[2] / "worker" / "bundled_model"
MARK = "<!-- What follows is written by training.evaluation --page. -->"


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    measured = evaluate(options)
    text = json.dumps(measured.report.as_json(), indent=2, ensure_ascii=False) + "\n"
    if options.answers:
        lines = [json.dumps(said, ensure_ascii=False) + "\n" for said in measured.records()]
        options.answers.write_text("".join(lines), encoding="utf-8")
    if options.page:
        put_on_page(options.page, measured)
    if options.json == "-":
        sys.stdout.write(text)
    else:
        Path(options.json).write_text(text, encoding="utf-8")
        print(measured.report.as_markdown())


def put_on_page(page: Path, measured: Measurement) -> None:
    """Replace the part of the page behind the mark by the table and the answers."""
    written, _, _ = page.read_text(encoding="utf-8").partition(MARK)
    said = write_page(list(measured.records()))
    table = measured.report.as_markdown()
    page.write_text(f"{written}{MARK}\n\n## Figures\n\n{table}\n\n## What it says\n\n{said}", encoding="utf-8")


def evaluate(options: argparse.Namespace) -> Measurement:
    streams = load_streams(options.data)
    own = read_tasks()
    report = Report(
        dropped=drop_overlaps(read_streams(options.data))[1],
        left=drop_overlaps(streams)[1],
        seen=seen_tasks(own, streams),
    )
    by_name = {stream.name: stream for stream in streams}
    windows = read_windows(by_name["text"], options.limit or LIMIT)
    measured = Measurement(list(choose_skills(by_name, own, report.seen, options.limit)), windows, report)
    measured.measure_baselines(options.model, by_name["text"])
    for name, folder in {MODEL: options.model, **dict(options.compare)}.items():
        started = monotonic()
        engine = load_engine(str(folder), device=options.device, threads=options.threads)
        try:
            measured.measure_model(engine, name)
            report.models[name] = _describe(engine, monotonic() - started)
            if options.tools and name == MODEL:
                measured.measure_tools(engine)
        finally:
            engine.close()
    return measured


def _describe(engine: Engine, seconds: float) -> dict[str, Any]:
    info = engine.info
    return {
        "name": info.name,
        "parameters": info.parameters,
        "device": info.device,
        "dtype": info.dtype,
        "seconds": round(seconds, 1),
    }


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpus (NAME.jsonl.xz)")
    parser.add_argument("--model", type=Path, default=BUNDLED, help="folder of the model")
    parser.add_argument(
        "--compare", type=_named_folder, action="append", default=[], metavar="NAME=DIR", help="another model"
    )
    parser.add_argument("--tools", action="store_true", help="ask the built-in tools too, as people get them")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many rows of each kind")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--threads", type=int, help="for arithmetic on the CPU")
    parser.add_argument("--json", required=True, metavar="FILE", help="- for standard output, else a table goes there")
    parser.add_argument("--page", type=Path, metavar="FILE", help="Markdown whose part behind the mark is replaced")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="every row and the answers to it, as JSON lines")
    options = parser.parse_args(arguments)
    if options.page and not options.tools:
        parser.error("--page shows what the tools say: give --tools too")
    return options


def _named_folder(text: str) -> tuple[str, Path]:
    name, separator, folder = text.partition("=")
    if not (name and separator and folder):
        raise argparse.ArgumentTypeError("expected NAME=DIR")
    return name, Path(folder)


if __name__ == "__main__":
    main()
