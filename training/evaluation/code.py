"""The skill of writing short Python functions from a description: whether they parse, and whether they work."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isclose
from typing import Any

from training import prompts, tasks
from training.evaluation.code_tasks import CodeTask
from training.evaluation.running import can_run, run_code
from training.evaluation.skill import Figures, ModelInput, Skill, ToolInput, mean
from training.stream import Stream

MAX_TOKENS = 400
RUN_AT_ONCE = 2
FIRST_ARGUMENT = "def f(*args):\n    return args[0]\n"


def code_skills(
    stream: Stream, own: Sequence[CodeTask], seen: Sequence[str], limit: int | None
) -> Iterator[Skill[CodeTask]]:
    """Return the skill on the held-out rows, which have no examples, and on tasks that have some.

    seen: tasks whose solution is trained on.
    """
    yield _skill("code, held out", [CodeTask(tasks.bare_task(row[0])) for row in stream.held_out[:limit]])
    yield _skill("code, own tasks", [task for task in own if task.task not in seen][:limit])
    if seen:
        yield _skill("code, own tasks trained on", [task for task in own if task.task in seen][:limit])


def _skill(name: str, rows: Sequence[CodeTask]) -> Skill[CodeTask]:
    return Skill(
        name=name,
        rows=rows,
        ask=lambda row: ModelInput(prompts.code_prompt(row.task), prompts.STOP["code"], MAX_TOKENS),
        measure=measure,
        baselines={"first argument": lambda row: FIRST_ARGUMENT},
        use=lambda row: ToolInput("code-writer", {"task": row.task, "language": "python"}),
    )


def measure(rows: Sequence[CodeTask], answers: Sequence[str]) -> Figures:
    """Return the percent of tasks with an answer, with one that parses and defines something, and with one that passes.

    The last is left out where there are no examples, or where this machine can't isolate untrusted code.
    """
    figures = {
        "answered": 100 * mean([float(bool(answer.strip())) for answer in answers]),
        "parses": 100 * mean([float(parses(answer)) for answer in answers]),
    }
    if any(row.samples for row in rows) and can_run():
        with ThreadPoolExecutor(RUN_AT_ONCE) as pool:
            figures["passes"] = 100 * mean([float(passed) for passed in pool.map(passes, rows, answers)])
    return figures


def parses(code: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in tree.body)


def passes(task: CodeTask, code: str) -> bool:
    """Return whether one of the functions, whatever its name, gives the result of every example."""
    if not parses(code):
        return False
    wanted = [sample.result for sample in task.samples]
    results = run_code(code, [sample.arguments for sample in task.samples])
    return any(same(given, wanted) for given in results)


def same(given: Any, wanted: Any) -> bool:
    """Compare like Python, but for rounding, and for truth values, which are not numbers here."""
    if isinstance(given, bool) or isinstance(wanted, bool):
        return given is wanted
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return isclose(given, wanted, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(given, list) and isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(same, given, wanted))
    return bool(given == wanted)
