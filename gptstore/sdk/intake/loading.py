"""Problems of a plugin that was imported, or could not be: time, memory, output, threads, hook and declarations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.intake.source_lines import find_declaration, find_function
from gptstore.sdk.limits import MEGA
from gptstore.sdk.load_failure import HOOK
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.describe import describe_project
from gptstore.sdk.project.description import Description
from gptstore.sdk.project.project import Project

MAX_SECONDS = 2.0
MAX_MEMORY = 300 * MEGA
MAX_LOGGED = 100_000
"""Bytes: a worker's log has every line of it, at each start of the plugin."""

_DECLARED = frozenset({"signature", "card", "docstring", "icon", "slug", "example"})
_PARAMETER = re.compile(r"parameter '(\w+)'")
_NAMED = re.compile(r"no hook '(\w+)'|write @hookimpl over (\w+)")
_IMPORTTIME = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)", re.MULTILINE)
_SLOWEST = 3


def find_problems(project: Project, found: Description, seconds: float) -> Iterator[Problem]:
    """Yield what is wrong with a plugin's import. seconds: how long one may take."""
    if found.problem is not None:
        yield _at_declaration(project, found.problem)
        return
    module = _entry_module(project)
    if found.manifest is not None and not found.manifest.tools:
        line = find_function(project.folder / module, HOOK) or 1
        yield Problem("hook", f"{HOOK} returns an empty list", "return the tools", module, line, "warning")
    if found.seconds > MAX_SECONDS and (slow := _measure_again(project, seconds)):
        yield slow.at(module, 1)
    if found.memory > MAX_MEMORY:
        message = (
            f"it takes {found.memory / MEGA:.0f} MB of memory while it is imported, more than {MAX_MEMORY // MEGA}"
        )
        yield Problem("import-memory", message, "load large data within the tool's function, or ship less", module, 1)
    if found.printed > MAX_LOGGED:
        message = f"it prints {found.printed / MEGA:.1f} MB while it is imported, more than {MAX_LOGGED / MEGA:g}"
        yield Problem("import-output", message, "remove what prints at the top of its modules", module, 1)
    if found.threads:
        message = f"it leaves a thread running after its import ({found.threads[0]})"
        mend = (
            "start threads within the tool's function: each run is a process that is forked from the one that imports"
        )
        yield Problem("import-threads", message, mend, module, 1)


def _entry_module(project: Project) -> str:
    path = project.module_file(project.modules[0])
    return project.relative(path) if path else ""


def _measure_again(project: Project, seconds: float) -> Problem | None:
    """Return the problem of a slow import with its slowest parts; None where it was slow once, from a cold disk."""
    again = describe_project(project, seconds, options=["-X", "importtime"])
    if again.problem is not None or again.seconds <= MAX_SECONDS:
        return None
    loaded, times = {*again.loaded}, defaultdict[str, int](int)
    for microseconds, name in _IMPORTTIME.findall(again.details):
        if name in loaded:
            times[name if name.partition(".")[0] in project.packages else name.partition(".")[0]] += int(microseconds)
    slowest = sorted(times, key=lambda name: -times[name])[:_SLOWEST]
    shares = ", ".join(f"{name} {times[name] / 1e6:.1f} s" for name in slowest if times[name] > 100_000)
    message = f"its import takes {again.seconds:.1f} s, more than {MAX_SECONDS:g}"
    mend = "import what is slow within the tool's function, or do without it"
    return Problem("import-time", f"{message} ({shares})" if shares else message, mend)


def _at_declaration(project: Project, problem: Problem) -> Problem:
    """Return the problem at the line of the function or the parameter that it is about, with a mend."""
    mended = replace(problem, mend=problem.mend or RULES[problem.rule].mend)
    if problem.line > 1:  # a line of the plugin raised it
        parameter = _PARAMETER.search(problem.message)
        path, name = project.folder / problem.file, parameter[1] if parameter else ""
        return (
            mended.at(problem.file, find_declaration(path, problem.line, name)) if problem.rule in _DECLARED else mended
        )
    if problem.rule in ("hook", "slug") and (module := project.module_file(project.modules[0])):
        return mended.at(project.relative(module), _hook_line(module, problem))
    return mended


def _hook_line(module: Path, problem: Problem) -> int:
    named = _NAMED.search(problem.sentence)
    name = next(filter(None, named.groups())) if named else HOOK
    return find_function(module, name) or 1
