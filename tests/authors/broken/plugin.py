"""A plugin that is fine but for one thing, written into a folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PYPROJECT = """\
[project]
name = "acme-greeter"
version = "1.0.0"
description = "Greets"
requires-python = ">=3.11"
dependencies = ["gptstore-sdk>=0.1"]

[project.entry-points.gptstore]
greeter = "acme_greeter"
"""

CODE = """\
from gptstore.sdk import Context, Example, hookimpl, tool


@tool(title="Greeter", category="writing", examples=[Example("Ada", {"name": "Ada"})])
def greet(ctx: Context, name: str) -> str:
    \"""Greet somebody.\"""
    return f"Hello, {name}!"


@hookimpl
def gptstore_tools():
    return [greet]
"""


@dataclass(frozen=True)
class Broken:
    """A plugin with one thing that no store takes, and the one line that `gptstore check` has for it.

    line: `{n}` stands for a number that was measured, `{python}` for words of Python, which differ by version, `{folder}`
    for the folder of the project, `{supported}` and `{options}` for the SDK's own lists. old, new: what is changed in the
    code, or in pyproject.toml. top: lines before the code. files: others, by their names; `make` writes what is no text.
    options: of `gptstore check`.
    """

    name: str
    line: str
    old: str = ""
    new: str = ""
    top: str = ""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    make: Callable[[Path], None] | None = None
    options: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return f"{self.top}{CODE.replace(self.old, self.new) if self.old in CODE else CODE}"

    def write(self, folder: Path) -> Path:
        """Write the project into a folder of its name, and return that."""
        assert not self.old or (self.old in CODE) != (self.old in PYPROJECT), "one of both files changes"
        project = folder / self.name
        pyproject = PYPROJECT.replace(self.old, self.new) if self.old in PYPROJECT else PYPROJECT
        written: dict[str, str | bytes] = {"pyproject.toml": pyproject, "acme_greeter.py": self.code, **self.files}
        for name, text in written.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if self.make is not None:
            self.make(project)
        return project
