"""A plugin's project: its folder, its names, and where its modules are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gptstore.sdk.project.toml_lines import find_line

GROUP = "gptstore"
PYPROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Project:
    """A plugin's project. Made by `read_project` of `gptstore.sdk.project.reading`, which has checked what is here.

    folder: with its pyproject.toml, as an absolute path. sources: the folder that has the modules, for `sys.path`.
    entry_points: those of the group `gptstore`, by name, such as {"my-tool": "gptstore_my_tool.tool"}.
    dependencies: lines as in pyproject.toml. table: all of [project]. dynamic: keys whose values the build makes.
    listed: packages and modules that setuptools is told to take.
    """

    folder: Path
    sources: Path
    name: str
    version: str
    entry_points: dict[str, str]
    dependencies: tuple[str, ...]
    table: dict[str, Any]
    dynamic: frozenset[str]
    listed: tuple[str, ...]
    text: str = field(repr=False)

    @cached_property
    def modules(self) -> list[str]:
        """Return the modules that the entry points name, such as `gptstore_my_tool.tool`."""
        return [value.partition(":")[0].strip() for value in self.entry_points.values()]

    @cached_property
    def packages(self) -> list[str]:
        """Return the top-level modules and packages that belong to the plugin."""
        named = {module.partition(".")[0] for module in (*self.modules, *self.listed)}
        if self.sources != self.folder:
            named |= {path.stem for path in self.sources.iterdir() if is_importable(path)}
        return sorted(named)

    def line_of(self, *keys: str, holding: str = "") -> int:
        """Return the line of a key of pyproject.toml: `line_of("project", "version")`."""
        return find_line(self.text, *keys, holding=holding)

    def relative(self, path: str | Path) -> str:
        """Return a path within the project as problems show it; another one as it is."""
        whole = Path(path)
        return whole.relative_to(self.folder).as_posix() if whole.is_relative_to(self.folder) else str(whole)

    def module_file(self, module: str) -> Path | None:
        """Return the file of one of its modules, None where there is none."""
        return find_module(self.sources, module)


def find_module(sources: Path, module: str) -> Path | None:
    """Return the file of the module, below the folder of the sources."""
    place = sources.joinpath(*module.split("."))
    found = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((path for path in found if path.is_file()), place if place.is_dir() else None)


def is_importable(path: Path) -> bool:
    """Return whether it is a module or a package, and none that only the project itself uses."""
    if path.name.startswith((".", "_")) or path.name in ("tests", "docs", "build", "dist"):
        return False
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
