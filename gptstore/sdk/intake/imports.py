"""Problems of what a plugin's modules import: of the store, and of packages that the project does not declare."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, packages_distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from gptstore.sdk.intake.dependencies import read_requirements
from gptstore.sdk.intake.fleet import SDK
from gptstore.sdk.intake.source_lines import parse_module
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.project import Project

_STORE = frozenset({"worker", "django", "celery"})


@dataclass(frozen=True)
class Import:
    """An import statement: the module that it names, and its line."""

    module: str
    line: int

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def find_problems(project: Project, modules: list[Path]) -> Iterator[Problem]:
    """Yield imports that a store can't fulfil, one for each module that is named."""
    declared = {canonicalize_name(required.name) for required in read_requirements(project).values()} | {SDK}
    told: set[str] = set()
    for path in modules:
        tree = parse_module(path)
        for found in _needed(tree) if tree else ():
            if found.top in sys.stdlib_module_names or found.top in project.packages or found.top in told:
                continue
            if problem := _check(found, declared):
                told.add(found.top)
                yield problem.at(project.relative(path), found.line)


def _check(found: Import, declared: set[str]) -> Problem | None:
    if found.top == "gptstore":
        if found.module == "gptstore" or found.module.split(".")[1] == "sdk":
            return None
        return Problem("import", f"{found.module} is a part of the store", "import from gptstore.sdk only")
    if found.top in _STORE and found.top not in declared:
        return Problem(
            "import", f"{found.top} is a part of the store", "do without it: a plugin sees gptstore.sdk only"
        )
    owners = {canonicalize_name(name) for name in _owners().get(found.top, [])}
    known = {name for one in declared for name in _closure(one)} | {one.replace("-", "_") for one in declared}
    if not owners or owners & known or found.top.lower() in known:
        return None  # what is not installed at all fails when it is imported, and is reported then
    mend = f'add "{min(owners)}" to dependencies in pyproject.toml'
    return Problem("import", f"{found.top} belongs to the package {min(owners)}, which is not declared", mend)


def _needed(tree: ast.Module) -> Iterator[Import]:
    """Yield what has to be there: not what only type checkers import, or what the module can do without."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield Import(node.module, node.lineno)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.Try):
            waiting += [*ast.iter_child_nodes(node)][::-1]


@cache
def _owners() -> dict[str, list[str]]:
    return {module: [*names] for module, names in packages_distributions().items()}


@cache
def _closure(name: str) -> frozenset[str]:
    """Return the names of a package and of all that it requires here, directly or not."""
    found, unread = {name}, [name]
    while unread:
        try:
            lines = Distribution.from_name(unread.pop()).requires or []
        except PackageNotFoundError:
            continue
        for line in lines:
            try:
                required = Requirement(line)
            except InvalidRequirement:
                continue
            one = canonicalize_name(required.name)
            if one not in found and "extra" not in str(required.marker or ""):
                found.add(one)
                unread.append(one)
    return frozenset(found)
