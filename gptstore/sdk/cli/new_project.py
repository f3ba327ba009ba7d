"""Writes a new project: the files of a template, with the tool's own names."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from gptstore.sdk.cli.draw_icon import draw_icon

ICON = "icon.svg"
TEMPLATES = Path(__file__).parent / "templates"
SHARED = "shared"
"""The folder of what all templates have in common."""

HIDDEN = {"gitignore": ".gitignore", "github": ".github"}
"""Names that begin with a dot in a project, and would get lost on the way through a wheel."""

SLUG, MODULE, TITLE, AUTHOR = "my-tool", "my_tool", "My tool", "Your name"
"""What each template is called: it is a package that works, so that it is tested as it is."""


def write_project(target: Path, template: str, name: str, title: str) -> None:
    """Write the project into this folder. Raises OSError."""
    author = git_author() or AUTHOR
    for source, path in template_files(template):
        place = target / rename(path, name, title, author)
        place.parent.mkdir(parents=True, exist_ok=True)
        written = rename(source.read_text(encoding="utf-8"), name, title, author)
        text = draw_icon(name, title) if source.name == ICON else written
        place.write_text(text, encoding="utf-8", newline="\n")


def template_files(template: str) -> Iterator[tuple[Path, str]]:
    """Yield each file of a template, and the path that it has in a project."""
    for folder in (TEMPLATES / SHARED, TEMPLATES / template):
        for source in sorted(folder.rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                first, *rest = source.relative_to(folder).parts
                yield source, "/".join([HIDDEN.get(first, first), *rest])


def rename(text: str, name: str, title: str, author: str) -> str:
    """Return the text with the names of the tool in place of the template's."""
    named = text.replace(SLUG, name).replace(MODULE, name.replace("-", "_"))
    return named.replace(TITLE, title).replace(AUTHOR, author)


def git_author() -> str:
    """Return the name that git writes into commits, "" where it has none that fits between quotation marks."""
    try:
        done = subprocess.run(["git", "config", "user.name"], capture_output=True, encoding="utf-8", timeout=5)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    found = done.stdout.strip()
    return found if found.isprintable() and not {'"', "\\"} & {*found} else ""
