"""Asks uv whether all dependencies have wheels for each platform and Python of the fleet. Installs nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product

from gptstore.sdk.intake.built_in import OWN_PACKAGES
from gptstore.sdk.intake.dependencies import read_requirements
from gptstore.sdk.intake.fleet import PLATFORMS, PYTHONS, sdk_requirements
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.project import PYPROJECT, Project

SECONDS = 60
_OPTIONS = (
    "pip",
    "compile",
    f"--python={sys.executable}",  # to look for another one takes seconds, and none is run
    *("--quiet", "--no-header", "--no-annotate", "--only-binary=:all:"),
)
_MAX_REASON = 300
_NO_WHEEL = re.compile(r"(?:all versions of )?([\w.-]+)[^\s,]* ha(?:s|ve) no (?:usable |[\w.]+-compatible )?wheels")
_UNKNOWN = re.compile(r"([\w.-]+) was not found in the (?:package registry|provided package locations)")
_UNREACHED = re.compile(r"Failed to fetch|error sending request|was not found in the cache|network was disabled", re.I)


def find_problems(project: Project, *, offline: bool = False) -> Iterator[Problem]:
    """Yield which dependencies have no wheels; a warning where nobody can be asked. offline: ask uv's cache alone."""
    required = [one for one in read_requirements(project).values() if one.url is None]
    lines = [str(one) for one in required if one.name.lower().replace("_", "-") not in OWN_PACKAGES]
    if not lines:
        return
    line = project.line_of("project", "dependencies")
    if (uv := find_uv()) is None:
        yield _unasked("uv is not installed", "pip install uv").at(PYPROJECT, line)
        return
    failures = defaultdict[str, list[str]](list)
    targets = [*product(PLATFORMS, PYTHONS)]
    with ThreadPoolExecutor(len(targets)) as pool:
        answers = pool.map(lambda target: ask(uv, [*lines, *sdk_requirements()], target, offline), targets)
        for (platform, python), answer in zip(targets, answers, strict=True):
            if answer:
                failures[answer].append(f"{PLATFORMS[platform]} with Python {python}")
    yield from _explain(project, failures, everywhere=len(targets))


def find_uv() -> str | None:
    """Return the program uv: of the package of this name here, or else on PATH."""
    try:
        import uv
    except ImportError:
        return shutil.which("uv")
    return str(uv.find_uv_bin())


def ask(uv: str, lines: Sequence[str], target: tuple[str, str], offline: bool) -> str:
    """Return the answer of `resolve`. What uv's cache can tell needs no index: a wheel that was there has not gone."""
    answer = resolve(uv, lines, target, offline=True)
    return resolve(uv, lines, target, offline=False) if answer and not offline else answer


def resolve(uv: str, lines: Sequence[str], target: tuple[str, str], offline: bool) -> str:
    """Return why the requirements can't be had as wheels for a platform and a Python; "" when they can."""
    platform, python = target
    options = [f"--python-platform={platform}", f"--python-version={python}", *(["--offline"] if offline else [])]
    try:
        done = subprocess.run(
            [uv, *_OPTIONS, *options, "-"],
            input="\n".join(lines),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env={"UV_HTTP_RETRIES": "1", **os.environ, "NO_COLOR": "1"},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Failed to fetch: there was no answer within {SECONDS} s"
    return " ".join(done.stderr.replace("cause: ", "").split()) if done.returncode else ""


def _explain(project: Project, failures: dict[str, list[str]], everywhere: int) -> Iterator[Problem]:
    """Yield one problem for each package, or for each answer that names none."""
    told = defaultdict[Problem, list[str]](list)
    for answer, targets in failures.items():
        told[_problem_of(project, answer)] += targets
    for problem, targets in told.items():
        if problem.severity == "warning":
            yield problem
        else:
            where = "any platform of the fleet" if len(targets) == everywhere else ", ".join(targets)
            message = problem.message.replace("{where}", where)
            yield Problem(problem.rule, message, problem.mend, problem.file, problem.line)


def _problem_of(project: Project, answer: str) -> Problem:
    if _UNREACHED.search(answer):
        return _unasked("the package index can't be reached", "check again with a network").at(
            PYPROJECT, project.line_of("project", "dependencies")
        )
    if found := _UNKNOWN.search(answer):
        message, mend = f"there is no package {found[1]}", "is the name right?"
    elif found := _NO_WHEEL.search(answer):
        message = f"{found[1]} has no wheel for {{where}}"
        mend = "choose a version or a package that has wheels: a store compiles nothing"
    else:
        reason = re.sub(r"^error: (No solution found when resolving dependencies:? ?)?", "", answer)
        message = (
            f"its dependencies can't be had together for {{where}}: {reason.partition(' hint: ')[0][:_MAX_REASON]}"
        )
        mend = "allow other versions"
    line = project.line_of("project", "dependencies", holding=found[1] if found else "")
    return Problem("dependency-wheels", message, mend, PYPROJECT, line)


def _unasked(reason: str, mend: str) -> Problem:
    return Problem(
        "dependency-wheels", f"nobody asked whether the dependencies have wheels: {reason}", mend, severity="warning"
    )
