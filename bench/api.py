"""The store's overhead over the engine: a run through the API, next to the same prompt in the bare engine.

`make demo` in one terminal, `python -m bench.api` in another; prints JSON. Seconds from the request to the first text
and completion tokens a second, medians of several runs that take turns, so that a busy machine is unfair to neither.
With `--concurrent N` each of them is N at a time, and their tokens are counted together.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import httpx

from gptstore_code_writer.prompts import STOP, completion_prompt
from gptstore_code_writer.tool import BASE_TOKENS
from worker.engine.local.loading import load_engine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Request

TEXT = "A class for a museum: visitors, tickets, prices, opening hours, a calendar, and a list of all paintings."

LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)


@dataclass(frozen=True)
class Run:
    """Seconds to the first text, completion tokens a second over the whole run, and seconds for all of it.

    Of several at a time: the median of the first, the sum of the second, the end of the last.
    """

    first_text_s: float
    tokens_per_s: float
    whole_s: float


def main() -> int:
    options = parse_options()
    store = json.loads(options.demo.read_text(encoding="utf-8"))
    headers = {"Authorization": f"Bearer {store['api_key']}"}
    with httpx.Client(base_url=store["url"], headers=headers, timeout=120, limits=LIMITS) as client:
        engine = load_engine(options.model)
        subjects = {
            "api": lambda: together(lambda number: run_through_api(client, number), options.concurrent),
            "engine": lambda: together(lambda number: run_in_engine(engine, number), options.concurrent),
        }
        report = {"model": client.get("/api/v1/model").json(), "text_characters": len(TEXT)}
        report |= {"repeats": options.repeats, "concurrent": options.concurrent}
        print(json.dumps(report | measure(subjects, options.repeats), indent=2))
        engine.close()
    return 0


def together(run: Callable[[int], Run], count: int) -> Run:
    begin = perf_counter()
    with ThreadPoolExecutor(count) as threads:
        runs = list(threads.map(run, range(count)))
    whole = perf_counter() - begin
    tokens = sum(one.tokens_per_s * one.whole_s for one in runs)
    return Run(statistics.median(one.first_text_s for one in runs), tokens / whole, whole)


def text_of(number: int) -> str:
    """Return a text that differs in its beginning alone, so that no prefix of it is cached."""
    return f"Note {number}. {TEXT}"


def run_through_api(client: httpx.Client, number: int) -> Run:
    begin = perf_counter()
    first = None
    given = {"task": text_of(number), "language": "java"}  # code that is not Python comes word by word
    answer = client.post("/api/v1/tools/code-writer/jobs", json={"input": given})
    answer.raise_for_status()
    with client.stream("GET", answer.json()["urls"]["events"]) as response:
        for name, data in read_events(response.iter_lines()):
            if name == "output" and first is None:
                first = perf_counter()
            if name == "finished":
                end = perf_counter()
                tokens = data["usage"]["completion_tokens"]
                assert data["status"] == "succeeded", data["error"]
                return Run((first or end) - begin, tokens / (end - begin), end - begin)
    raise SystemExit("The stream ended without `finished`.")


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, json.loads(value)


def run_in_engine(engine: Engine, number: int) -> Run:
    outputs: SimpleQueue[Output] = SimpleQueue()
    params = SamplingParams(max_tokens=BASE_TOKENS, temperature=0.2, top_p=0.9, stop=STOP)
    request = Request(f"bench-{number}", completion_prompt(text_of(number), "Java"), params)
    begin = perf_counter()
    first, tokens = None, 0
    engine.submit(request, lambda batch: [*map(outputs.put, batch)])
    while True:
        output = outputs.get()
        tokens += output.tokens
        if output.text and first is None:
            first = perf_counter()
        if output.finish:
            end = perf_counter()
            return Run((first or end) - begin, tokens / (end - begin), end - begin)


def measure(subjects: dict[str, Callable[[], Run]], repeats: int) -> dict[str, Any]:
    runs: dict[str, list[Run]] = {name: [] for name in subjects}
    for subject in subjects.values():
        subject()
    for _ in range(repeats):
        for name, subject in subjects.items():
            runs[name].append(subject())
    medians = {name: asdict(median(found)) for name, found in runs.items()}
    ratios = {field: round(medians["api"][field] / medians["engine"][field], 3) for field in medians["api"]}
    return {"median": medians, "api_by_engine": ratios}


def median(runs: list[Run]) -> Run:
    return Run(*(round(statistics.median(getattr(run, field.name) for run in runs), 4) for field in fields(Run)))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path("var/demo.json"), help="what `make demo` wrote")
    parser.add_argument("--model", default="worker/bundled_model", help="the model that the demo runs")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--concurrent", type=int, default=1, metavar="N", help="runs at a time (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
