"""Runs the examples of a project's tools on a scripted model, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gptstore.sdk.exit_status import describe_status
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.process import run_module
from gptstore.sdk.project.project import Project

MODULE = "gptstore.sdk.intake.run_examples"
SECONDS = 10.0
_START_SECONDS = 60.0


def find_problems(project: Project, seconds: float = SECONDS) -> Iterator[Problem]:
    """Yield the examples with which a tool does not do its work. seconds: for each of them."""
    ending = run_module(MODULE, project, f"{seconds:g}", seconds=seconds + _START_SECONDS)
    try:
        runs = json.loads(ending.answer)["runs"]
    except ValueError:
        said = describe_status(ending.status) if ending.status is not None else "they did not end"
        yield Problem("example", f"its examples can't be run: {said}", "a run must not end its process")
        return
    for one in runs:
        if problem := _check(project, one, seconds):
            yield problem


def _check(project: Project, run: dict[str, Any], seconds: float) -> Problem | None:
    where = f"tool {run['slug']}: the example {run['title']!r}"
    if not run["ended"]:
        mend = "check ctx.canceled in long computations, and keep examples short"
        return Problem("example", f"{where} does not end within {seconds:g} s on a scripted model", mend)
    if not run["error"]:
        return None
    file, line = project.relative(run["file"]) if run["file"] else "", run["line"]
    if run["advised"]:
        mend = "nothing, if a real model answers otherwise"
        message = f"{where} ends with an error on a scripted model: {run['error']}"
        return Problem("example", message, mend, file, line, "warning")
    error, _, mend = run["error"].replace(f"tool {run['slug']} ", "it ").partition("; ")
    return Problem("example", f"{where} fails: {error}", mend or "mend the tool or the example", file, line)
