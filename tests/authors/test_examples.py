"""The examples stay what they are shown for: small, on the SDK alone, and tools that a store takes."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from gptstore.sdk import Tool

ROOT = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(path.parent for path in ROOT.glob("*/pyproject.toml"))


def module_of(example: Path) -> Path:
    return example / f"gptstore_{example.name}.py"


def imported(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_there_are_five_and_all_stand_in_the_list() -> None:
    listed = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(EXAMPLES) == 5
    assert [example.name for example in EXAMPLES if f"[{example.name}]({example.name})" not in listed] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_each_has_less_than_60_lines_and_tests(example: Path) -> None:
    assert len(module_of(example).read_text(encoding="utf-8").splitlines()) < 60
    assert [*example.glob("tests/test_*.py")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_each_needs_the_sdk_alone(example: Path) -> None:
    names = {name.partition(".")[0] for name in imported(module_of(example)) if not name.startswith("gptstore.sdk")}

    assert names - {*sys.stdlib_module_names, "pydantic"} == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_each_offers_one_tool_by_its_entry_point(example: Path) -> None:
    # Given the entry point that its package declares
    project = tomllib.loads((example / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [(slug, module)] = project["entry-points"]["gptstore"].items()
    # When its hook is called
    [tool] = import_module(module).gptstore_tools()
    # Then it is a tool of that name, with an example that people can try
    assert isinstance(tool, Tool)
    assert (tool.slug, project["name"]) == (slug, f"gptstore-{slug}")
    assert tool.examples
