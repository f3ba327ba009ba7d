"""Reads the folder of a plugin's sources: the table [project] of its pyproject.toml, and where its modules are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NoReturn

from gptstore.sdk.problem import Problem
from gptstore.sdk.project.errors import ProjectError
from gptstore.sdk.project.project import GROUP, PYPROJECT, Project, find_module, is_importable
from gptstore.sdk.project.toml_lines import find_line

_NAME = re.compile(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", re.ASCII)
_ENTRY = re.compile(r"(?P<module>\w+(\.\w+)*)\s*(:\s*(?P<attribute>\w+(\.\w+)*))?")
_ADVICE = "`gptstore new my-tool` makes a project to start from"


def read_project(folder: Path) -> Project:
    """Read the project in this folder. Runs none of its code. Raises ProjectError."""
    folder = folder.resolve()
    text, whole = _read_tables(folder)
    table = whole["project"]
    _check_people(text, table)
    name = _read_name(text, table)
    dynamic = table.get("dynamic", [])
    points = _read_entry_points(text, table)
    sources = _find_sources(folder, text, points)
    return Project(
        folder=folder,
        sources=sources,
        name=name,
        version=_read_version(text, table, dynamic),
        entry_points=points,
        dependencies=_read_dependencies(text, table),
        table=table,
        dynamic=frozenset(map(str, dynamic)),
        listed=_read_listed(whole),
        text=text,
    )


def _read_tables(folder: Path) -> tuple[str, dict[str, Any]]:
    path = folder / PYPROJECT
    try:
        text = path.read_text(encoding="utf-8")
        whole = tomllib.loads(text)
    except FileNotFoundError:
        what = f"{folder} has no {PYPROJECT}" if folder.is_dir() else f"there is no folder {folder}"
        raise ProjectError(Problem("project", what, _ADVICE)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(Problem("project", f"it can't be read: {error}", "save it as UTF-8", PYPROJECT)) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        at = int(line[1]) if line else len(text.splitlines())
        said = re.sub(r" \(at .*\)$", "", str(error))
        raise ProjectError(Problem("project", f"it is no TOML: {said}", "mend the line", PYPROJECT, at)) from None
    if not isinstance(whole.get("project"), dict):
        _refuse(text, "it has no table [project]", _ADVICE)
    return text, whole


def _read_name(text: str, table: dict[str, Any]) -> str:
    name = table.get("name")
    if not isinstance(name, str):
        _refuse(
            text, "the package has no name", 'write name = "gptstore-my-tool" below [project]', "project", rule="name"
        )
    if not _NAME.fullmatch(name):
        advice = "use ASCII letters, digits and hyphens, as in gptstore-my-tool"
        _refuse(text, f"the package's name {name!r} is not one that package indexes take", advice, "name", rule="name")
    return name


def _read_version(text: str, table: dict[str, Any], dynamic: list[str]) -> str:
    from packaging.version import InvalidVersion, Version  # of the extra `cli`: projects are for authors

    version = table.get("version", "0" if "version" in dynamic else None)
    if version is None:
        _refuse(text, "the package has no version", 'write version = "0.1.0" below [project]')
    try:
        Version(version)
    except (InvalidVersion, TypeError):
        _refuse(text, f"the version {version!r} is not one", 'write one such as "1.2.0"', "version")
    return str(version)


def _read_dependencies(text: str, table: dict[str, Any]) -> tuple[str, ...]:
    lines = table.get("dependencies", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        _refuse(text, "dependencies is no list of texts", 'write dependencies = ["gptstore-sdk"]', "dependencies")
    return tuple(lines)


def _check_people(text: str, table: dict[str, Any]) -> None:
    for key in ("authors", "maintainers"):
        people = table.get(key, [])
        if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
            _refuse(text, f"{key} is no list of tables", f'write {key} = [{{ name = "Ada Lovelace" }}]', key)


def _read_listed(whole: dict[str, Any]) -> tuple[str, ...]:
    """Return what [tool.setuptools] lists; its way to find packages names none."""
    tool = whole.get("tool", {}).get("setuptools", {})
    values = [tool.get(key) for key in ("packages", "py-modules")]
    return tuple(str(name) for value in values if isinstance(value, list) for name in value)


def _read_entry_points(text: str, table: dict[str, Any]) -> dict[str, str]:
    groups = table.get("entry-points", {})
    points = groups.get(GROUP) if isinstance(groups, dict) else None
    if not points:
        near = [group for group in groups if group.replace("_", "-").startswith(("gpt", GROUP))] if groups else []
        also = f" ([project.entry-points.{near[0]}] is another group)" if near else ""
        advice = f'write [project.entry-points.{GROUP}] with my-tool = "gptstore_my_tool", the module with the hook'
        _refuse(text, f"it has no entry point in the group {GROUP}{also}", advice, "entry-points", rule="entry-point")
    for name, value in points.items():
        if not isinstance(value, str) or not _ENTRY.fullmatch(value.strip()):
            advice = 'name a module, as in "gptstore_my_tool", or an object in one, as in "gptstore_my_tool:plugin"'
            what = f"the entry point {name} is {value!r}, which names no module"
            _refuse(text, what, advice, "entry-points", GROUP, name, rule="entry-point")
    return dict(points)


def _find_sources(folder: Path, text: str, points: dict[str, str]) -> Path:
    """Return the folder with the first entry point's module: `src`, or the project's own."""
    for name, value in points.items():
        module = value.partition(":")[0].strip()
        for sources in (folder / "src", folder):
            if find_module(sources, module) is not None:
                return sources
        top = module.partition(".")[0]
        what = f"the entry point {name} names the module {module}, which is neither in {folder.name} nor in its src"
        there = sorted(
            {
                path.stem
                for place in (folder / "src", folder)
                if place.is_dir()
                for path in place.iterdir()
                if is_importable(path)
            }
        )
        advice = f"name one that is there ({', '.join(there)})" if there else f"write {top}.py"
        _refuse(text, what, advice, "entry-points", GROUP, name, rule="entry-point")
    raise AssertionError("there is an entry point")


def _refuse(text: str, what: str, mend: str, *keys: str, rule: str = "project") -> NoReturn:
    raise ProjectError(Problem(rule, what, mend, PYPROJECT, find_line(text, "project", *keys)))
