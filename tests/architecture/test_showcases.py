"""The built-in tools are read by people who write their own: each is small, and shows how a tool is made."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PACKAGES = {path.parent.name: path for path in sorted(PLUGINS.glob("*/gptstore_*")) if (path / "__init__.py").exists()}
SHOWCASES = [folder for name, folder in PACKAGES.items() if name != "base_model_aids"]
MAX_MODULES = 5
FIRST_SCREEN = 45


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "." * node.level


def dependencies(folder: Path) -> set[str]:
    project = tomllib.loads((folder.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w-]", line)[0] for line in project["dependencies"]}
    modules = {module for module, owners in packages_distributions().items() if names & set(owners)}
    return modules | {name.replace("-", "_") for name in names}


def test_all_plugins_are_looked_at() -> None:
    assert [*PACKAGES] == ["base_model_aids", "chat", "code_writer", "qa", "summarizer", "translator", "writer"]


@pytest.mark.parametrize("folder", PACKAGES.values(), ids=PACKAGES)
def test_a_plugin_imports_the_sdk_and_what_it_declares(folder: Path) -> None:
    allowed = {folder.name, *sys.stdlib_module_names, *dependencies(folder)} - {"gptstore"}

    strange = {
        name
        for path in folder.rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] not in allowed and name.split(".")[:2] != ["gptstore", "sdk"]
    }

    assert strange == set()


@pytest.mark.parametrize("folder", SHOWCASES, ids=lambda folder: folder.parent.name)
def test_a_tool_has_few_modules_and_its_function_is_on_the_first_screen(folder: Path) -> None:
    modules = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    (function,) = [
        node
        for node in ast.parse((folder / "tool.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and any("tool" in ast.dump(mark) for mark in node.decorator_list)
    ]

    assert len(modules) <= MAX_MODULES
    assert function.lineno <= FIRST_SCREEN
