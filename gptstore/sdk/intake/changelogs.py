"""Problems of a project's CHANGELOG.md, which is optional: people read what a version changed on the tool's page."""

from __future__ import annotations

from collections.abc import Iterator

from gptstore.sdk.bundle.changelog import find_entry, read_changelog
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import CHANGELOG, MAX_CHANGELOG_BYTES
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.project import Project


def find_problems(project: Project, version: str) -> Iterator[Problem]:
    """Yield why a store would not take the file, and a warning where it says nothing of this version."""
    path = project.folder / CHANGELOG
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            text = read_changelog(file.read(MAX_CHANGELOG_BYTES + 1))
    except BundleError as error:
        yield Problem("changelog", str(error).rstrip("."), "keep it short, as plain text in UTF-8", CHANGELOG)
        return
    if version and not find_entry(text, version):
        message, mend = f"it says nothing of version {version}", f'write what is new below a heading "## {version}"'
        yield Problem("changelog", message, mend, CHANGELOG, 1, "warning")
