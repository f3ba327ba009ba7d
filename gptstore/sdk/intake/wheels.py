"""Asks uv whether all dependencies have wheels for each platform and Python of the fleet. Installs nothing."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from gptstore.sdk.intake.built_in import OWN_PACKAGES
from gptstore.sdk.intake.dependencies import read_requirements
from gptstore.sdk.intake.fleet import sdk_requirements
from gptstore.sdk.package import normalize_name
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.project import PYPROJECT, Project
from gptstore.sdk.wheels.conflict import GIVEN, PLUGIN
from gptstore.sdk.wheels.errors import MissingUvError, UvError, WheelError
from gptstore.sdk.wheels.failure import Failure, Reason, read_failure
from gptstore.sdk.wheels.platforms import FLEET, Platform
from gptstore.sdk.wheels.uv import find_uv, run_uv

SECONDS = 60
_COMPILE = (
    *("pip", "compile", "--quiet", "--no-header", "--no-annotate", "--only-binary=:all:"),
    f"--python={sys.executable}",  # to look for another one takes seconds, and none is run
)
_REQUIREMENTS = "requirements.in"
_MAX_REASON = 300


def find_problems(project: Project, *, offline: bool = False) -> Iterator[Problem]:
    """Yield which dependencies have no wheels; a warning where nobody can be asked. offline: ask uv's cache alone."""
    required = [one for one in read_requirements(project).values() if one.url is None]
    lines = [str(one) for one in required if normalize_name(one.name) not in OWN_PACKAGES]
    if not lines:
        return
    try:
        find_uv()
    except MissingUvError:
        yield _unasked(project, "uv is not installed", "pip install uv")
        return
    found = defaultdict[Problem, list[Platform]](list)
    for platform, failure in _ask([*lines, *sdk_requirements()], offline):
        if failure is not None:
            found[_problem_of(project, failure)].append(platform)
    for problem, platforms in found.items():
        everywhere = len(platforms) == len(FLEET)
        where = "any platform of the fleet" if everywhere else ", ".join(platform.label for platform in platforms)
        message = problem.message.replace("{where}", where)
        yield replace(problem, message=message)


def _ask(lines: Sequence[str], offline: bool) -> Iterator[tuple[Platform, Failure | None]]:
    """Yield for each platform why the requirements can't be had there as wheels; None where they can."""
    with TemporaryDirectory(prefix="gptstore-") as name, ThreadPoolExecutor(len(FLEET)) as pool:
        folder = Path(name)
        (folder / _REQUIREMENTS).write_text("\n".join(lines), encoding="utf-8")
        yield from zip(FLEET, pool.map(lambda platform: _find_failure(folder, platform, offline), FLEET), strict=True)


def _find_failure(folder: Path, platform: Platform, offline: bool) -> Failure | None:
    """Return why it failed. What uv's cache can tell needs no index: a wheel that was there has not gone."""
    failure = _resolve(folder, platform, offline=True)
    return failure if failure is None or offline else _resolve(folder, platform, offline=False)


def _resolve(folder: Path, platform: Platform, offline: bool) -> Failure | None:
    options = [*platform.uv_options, *(["--offline"] if offline else [])]
    variables = {"UV_HTTP_RETRIES": os.environ.get("UV_HTTP_RETRIES", "1")}
    try:
        run_uv(*_COMPILE, *options, _REQUIREMENTS, folder=folder, variables=variables, seconds=SECONDS)
    except UvError as error:
        return read_failure(error.output, platform.python)
    except WheelError as error:
        return Failure(Reason.NETWORK, "", str(error))
    return None


def _problem_of(project: Project, failure: Failure) -> Problem:
    """Return the problem, with {where} in place of the platforms."""
    name = failure.package
    match failure.reason:
        case Reason.NETWORK | Reason.STATUS:
            return _unasked(project, "the package index can't be reached", "check again with a network")
        case Reason.UNKNOWN:
            message, mend = f"there is no package {name}", "is the name right?"
        case Reason.NO_WHEEL | Reason.OTHER_PLATFORM:
            message = f"{name} has no wheel for {{where}}"
            mend = "choose a version or a package that has wheels: a store compiles nothing"
        case Reason.CONFLICT:
            assert failure.conflict is not None
            message, mend = f"for {{where}} {failure.conflict.sentence}", failure.conflict.mend
            needs = tuple((need.versions or "any", need.asker) for need in failure.conflict.needs)
            return Problem("dependency-clash", message, mend, PYPROJECT, _line(project, line_of(failure)), needs=needs)
        case _:
            message = f"its dependencies can't be had together for {{where}}: {failure.detail[:_MAX_REASON]}"
            mend = "allow other versions"
    return Problem("dependency-wheels", message, mend, PYPROJECT, _line(project, name))


def line_of(failure: Failure) -> str:
    """Return which of the plugin's own dependencies a conflict is about: the package, or one that asks for it."""
    assert failure.conflict is not None
    askers = [need.asker for need in failure.conflict.needs]
    others = [asker for asker in askers if asker not in (PLUGIN, *GIVEN)]
    return failure.package if PLUGIN in askers or not others else others[0]


def _unasked(project: Project, reason: str, mend: str) -> Problem:
    message = f"nobody asked whether the dependencies have wheels: {reason}"
    return Problem("dependency-wheels", message, mend, PYPROJECT, _line(project), "warning")


def _line(project: Project, package: str = "") -> int:
    return project.line_of("project", "dependencies", holding=package)
