"""Checks a project by all rules: first what can be read, then the plugin as it is imported, then its examples."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from gptstore.sdk.bundle.format import CHANGELOG
from gptstore.sdk.intake import (
    cards,
    changelogs,
    dependencies,
    examples,
    files,
    imports,
    loading,
    names,
    secrets,
    wheels,
)
from gptstore.sdk.intake.built_in import owner_of
from gptstore.sdk.intake.cards import Owners
from gptstore.sdk.intake.manifests import Taken, find_tool_problems
from gptstore.sdk.intake.source_lines import find_declaration
from gptstore.sdk.manifest import Manifest
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.describe import SECONDS, describe_project
from gptstore.sdk.project.description import Description
from gptstore.sdk.project.errors import ProjectError
from gptstore.sdk.project.project import PYPROJECT, Project
from gptstore.sdk.project.reading import read_project


@dataclass(frozen=True)
class Options:
    """How to check. seconds: for the import, and each example. owner: says whose a slug is. offline: ask no index."""

    seconds: float = SECONDS
    owner: Owners = owner_of
    offline: bool = False


@dataclass(frozen=True)
class Report:
    """What was found. manifest: None where the plugin could not be imported. lines: file and line of each tool."""

    problems: list[Problem]
    manifest: Manifest | None = None
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def errors(self) -> list[Problem]:
        """Return what a store would refuse."""
        return [problem for problem in self.problems if problem.severity == "error"]


def check_project(folder: Path, options: Options | None = None) -> Report:
    """Check the project in this folder. Runs its code in processes of their own."""
    options = options or Options()
    try:
        project = read_project(folder)
    except ProjectError as error:
        return Report([error.problem])
    wrong = [*dependencies.find_problems(project)]
    with ThreadPoolExecutor(1) as pool:  # an index may take its time, and has no answer to what is wrong by itself
        asked = pool.submit(lambda: [] if wrong else [*wheels.find_problems(project, offline=options.offline)])
        found = describe_project(project, options.seconds)
        problems = [*wrong, *find_written(project), *find_running(project, found, options), *asked.result()]
    ordered = sorted({*problems}, key=lambda problem: (problem.file, problem.line, problem.rule, problem.message))
    return Report(ordered, found.manifest, found.lines)


def find_written(project: Project) -> Iterator[Problem]:
    """Yield the problems of names and files, which can be seen without running anything."""
    line = project.line_of("project", "name")
    yield from (problem.at(PYPROJECT, line) for problem in names.find_package_problems(project.name))
    packaged = [*packaged_files(project)]
    for problem in files.find_problems((path.relative_to(project.sources).as_posix(), path) for path in packaged):
        yield problem.at(project.relative(project.sources / problem.file))
    yield from imports.find_problems(project, [path for path in packaged if path.suffix == ".py"])
    yield from find_secrets(project, packaged)
    yield from changelogs.find_problems(project, project.version)


def find_secrets(project: Project, packaged: list[Path]) -> Iterator[Problem]:
    """Yield the secrets of the package and its description, and warnings for those of files that stay at home."""
    shipped = {*packaged, project.folder / PYPROJECT, *project.folder.glob("README*"), project.folder / CHANGELOG}
    others = [path for path in files.files_below(project.folder) if path not in shipped and path.name[0] != "."]
    yield from secrets.find_problems((project.relative(path), path) for path in sorted(shipped) if path.is_file())
    for problem in secrets.find_problems((project.relative(path), path) for path in others):
        yield replace(problem, severity="warning")


def packaged_files(project: Project) -> Iterator[Path]:
    """Yield the files that the plugin's wheel has, or may have."""
    for path in files.files_below(project.sources):
        top = path.relative_to(project.sources).parts[0]
        is_own = top.partition(".")[0] in project.packages or files.fault_of(top)
        if is_own or project.sources != project.folder:
            yield path


def find_running(project: Project, found: Description, options: Options) -> Iterator[Problem]:
    """Yield the problems of the plugin as it was imported, and of its tools."""
    yield from loading.find_problems(project, found, options.seconds)
    if found.manifest is None:
        return
    at_version = (PYPROJECT, project.line_of("project", "version"))
    yield from (problem.at(*at_version) for problem in cards.find_manifest_problems(found.manifest))
    places = {slug: _place(project, *found.lines[slug]) for slug in found.lines}
    for tool in found.manifest.tools:
        for problem in find_tool_problems(tool, found.manifest.name, Taken(options.owner)):
            yield problem.at(*places[tool.slug])
    default = next(iter(places.values()), ("", 0))
    for problem in examples.find_problems(project, options.seconds):
        yield problem if problem.file else replace(problem, file=default[0], line=default[1])


def _place(project: Project, file: str, line: int) -> tuple[str, int]:
    return project.relative(file), find_declaration(Path(file), line)
