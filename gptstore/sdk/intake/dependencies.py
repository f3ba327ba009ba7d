"""Problems of a project's dependencies that can be seen without an index: their form, and clashes with the fleet."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from gptstore.sdk.intake.fleet import SDK, STORE_REQUIREMENTS, sdk_requirements
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.project import PYPROJECT, Project
from gptstore.sdk.wheels.platforms import PYTHONS

_STORE = "gptstore"


def read_requirements(project: Project) -> dict[str, Requirement]:
    """Return the dependencies that can be read, by their lines in pyproject.toml."""
    found = {}
    for line in project.dependencies:
        try:
            found[line] = Requirement(line)
        except InvalidRequirement:
            continue
    return found


def find_problems(project: Project) -> Iterator[Problem]:
    """Yield what is wrong with the dependencies, each at its line of pyproject.toml."""
    required = read_requirements(project)
    for line in project.dependencies:
        problem = check_requirement(required[line]) if line in required else _unreadable(line)
        if problem is not None:
            yield problem.at(PYPROJECT, project.line_of("project", "dependencies", holding=line))
    if "dependencies" not in project.dynamic and SDK not in map(_name, required.values()):
        mend = f'add "{SDK}" to dependencies: a release has nothing that it does not name'
        yield Problem(
            "dependency", f"it does not require {SDK}", mend, PYPROJECT, project.line_of("project", "dependencies")
        )
    yield from _find_python_problems(project)


def _unreadable(line: str) -> Problem:
    return Problem("dependency", f"{line!r} is no requirement", 'write one such as "httpx>=0.28,<1"')


def check_requirement(required: Requirement) -> Problem | None:
    name = _name(required)
    if required.url is not None:
        mend = "name a version of an index: a release has wheels that have hashes"
        return Problem("dependency", f"{name} comes from an address of its own", mend)
    if name == _STORE:
        return Problem("dependency", "it requires the store itself", f'require "{SDK}": plugins see nothing else of it')
    if name == SDK:
        return _check_sdk(required)
    for line in (*sdk_requirements(), *STORE_REQUIREMENTS):
        fleet = Requirement(line)
        if _name(fleet) == name and (required.specifier & fleet.specifier).is_unsatisfiable():
            message = f"{str(required)!r} clashes with the fleet, which has {fleet.name}{fleet.specifier}"
            return Problem("dependency-clash", message, f"allow {fleet.name}{fleet.specifier}")
    return None


def _check_sdk(required: Requirement) -> Problem | None:
    try:
        here = version(SDK)
    except PackageNotFoundError:
        return None
    if required.specifier.contains(here, prereleases=True):
        return None
    message = f"{str(required)!r} leaves out {SDK} {here}, which you check with"
    return Problem("dependency-clash", message, f"allow {SDK}>={here}")


def _find_python_problems(project: Project) -> Iterator[Problem]:
    asked = project.table.get("requires-python", "")
    line = project.line_of("project", "requires-python")
    try:
        allowed = SpecifierSet(str(asked))
    except InvalidSpecifier:
        yield Problem(
            "project", f"requires-python {asked!r} is no range of versions", 'write ">=3.11"', PYPROJECT, line
        )
        return
    if left := [python for python in PYTHONS if not allowed.contains(f"{python}.99")]:
        message = f"requires-python {str(asked)!r} leaves out Python {', '.join(left)} of the fleet"
        yield Problem("dependency-clash", message, f'write requires-python = ">={PYTHONS[0]}"', PYPROJECT, line)


def _name(required: Requirement) -> str:
    return canonicalize_name(required.name)
