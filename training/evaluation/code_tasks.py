"""Small Python tasks in a user's words, written for this evaluation, each with examples and a solution."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from training.code_shape import function_shapes
from training.stream import Stream

FILE = Path(__file__).parents[1] / "code_tasks.json"
DRAWS = 6000


@dataclass(frozen=True)
class Sample:
    """One example: positional arguments and the result, as JSON has them."""

    arguments: list[Any]
    result: Any


@dataclass(frozen=True)
class CodeTask:
    task: str
    solution: str = ""
    samples: tuple[Sample, ...] = ()


def seen_tasks(own: Iterable[CodeTask], streams: Iterable[Stream]) -> list[str]:
    """Return the tasks whose solution, but for names, is trained on as it stands. Other ways to write it are not found.

    Streams of code made by rule are drawn from `DRAWS` times.
    """
    trained: set[str] = set()
    for stream in streams:
        if stream.name in ("code", "program"):
            for number in range(max(DRAWS, len(stream.rows))):
                row = stream.rows[number % len(stream.rows)]
                trained |= function_shapes(stream.make(row, Random(number)).answer)
    return [task.task for task in own if not trained.isdisjoint(function_shapes(task.solution))]


def read_tasks() -> list[CodeTask]:
    return [
        CodeTask(task["task"], task["solution"], tuple(Sample(**sample) for sample in task["examples"]))
        for task in json.loads(FILE.read_text(encoding="utf-8"))
    ]
