"""The metadata of a project that is not installed, as if it were: from its pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution
from typing import Any

from gptstore.sdk.project.project import GROUP, Project


class ProjectDistribution(Distribution):
    """A project as an installed package, for whatever reads `importlib.metadata`."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in _fields(self.project))
        if filename == "entry_points.txt":
            points = "".join(f"{name} = {value}\n" for name, value in self.project.entry_points.items())
            return f"[{GROUP}]\n{points}"
        return None

    def locate_file(self, path: Any) -> Any:
        return self.project.sources / path


def _fields(project: Project) -> Iterator[tuple[str, str]]:
    table = project.table
    yield from (("Metadata-Version", "2.4"), ("Name", project.name), ("Version", project.version))
    yield "Summary", str(table.get("description", ""))
    for role, key in (("Author", "authors"), ("Maintainer", "maintainers")):
        for person in table.get(key, []):
            yield from _person(role, person)
    license = table.get("license", "")
    yield "License-Expression", str(license.get("text", "") if isinstance(license, dict) else license)
    for label, link in dict(table.get("urls", {})).items():
        yield "Project-URL", f"{label}, {link}"
    yield from (("Requires-Dist", line) for line in project.dependencies)


def _person(role: str, person: Any) -> Iterator[tuple[str, str]]:
    name, address = str(person.get("name", "")), str(person.get("email", ""))
    if name:
        yield role, name
    if address:
        yield f"{role}-email", address
