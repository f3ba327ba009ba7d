"""Has a project's plugin imported in a process of its own, and returns what was found there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import ValidationError

from gptstore.sdk.import_problems import MAX_PRINTED, ended_early, not_in_time, printed_too_much
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.description import Description
from gptstore.sdk.project.process import Ending, run_module
from gptstore.sdk.project.project import GROUP, PYPROJECT, Project

MODULE = "gptstore.sdk.project.import_plugin"
SECONDS = 10.0
"""As long as a store lets a plugin take by default (`GPTSTORE_PLUGIN_IMPORT_SECONDS`)."""

START_SECONDS = 20.0
"""How long Python and the SDK may take to start, on a machine that is very busy."""

_TIMEOUT = re.compile(r"^Timeout \(", re.MULTILINE)
_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def describe_project(project: Project, seconds: float = SECONDS, options: Sequence[str] = ()) -> Description:
    """Import the plugin in a process of its own. Never raises because of the plugin: the description says why.

    options: of Python, such as `-X importtime`, whose lines then stand in `details`.
    """
    ending = run_module(MODULE, project, f"{seconds:g}", seconds=seconds + START_SECONDS, options=options)
    try:
        found = Description.model_validate_json(ending.answer)
    except ValidationError:
        found = Description(problem=describe_ending(project, ending, seconds))
    found.printed = ending.printed
    found.details += ending.errors.decode(errors="replace")
    if found.problem is not None:
        found.problem = place_problem(project, found.problem)
    return found


def place_problem(project: Project, problem: Problem) -> Problem:
    """Return the problem with its place within the project: the module with the hook where there is no other."""
    if problem.file:
        return problem.at(project.relative(problem.file), problem.line)
    module = project.module_file(project.modules[0])
    if module is None or problem.rule == "entry-point":
        return problem.at(
            PYPROJECT, project.line_of("project", "entry-points", GROUP, next(iter(project.entry_points)))
        )
    return problem.at(project.relative(module), 1)


def describe_ending(project: Project, ending: Ending, seconds: float) -> Problem:
    """Return the problem of a plugin whose import ended its process, or did not end in so many seconds."""
    errors = ending.errors.decode(errors="replace")
    if ending.printed > MAX_PRINTED:
        problem = printed_too_much()
    elif ending.status is None or _TIMEOUT.search(errors):  # which faulthandler writes before it ends the process
        problem = not_in_time(seconds)
    else:
        problem = ended_early(ending.status)
    return problem.at(*_last_place(project, errors))


def _last_place(project: Project, text: str) -> tuple[str, int]:
    """Return the plugin's innermost line in the stack that was printed, of which the first line is the innermost."""
    for frame in _FRAME.finditer(text):
        if (file := project.relative(frame["file"])) != frame["file"]:
            return file, int(frame["line"])
    return "", 0
