"""Docstrings of functions begin with a verb: a fragment that hangs on the code above it says too little by itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    "gptstore/**/*.py",
    "worker/**/*.py",
    "plugins/*/gptstore_*/**/*.py",
    "training/**/*.py",
    "bootstrap/**/*.py",
    "scripts/**/*.py",
    "harness/**/*.py",
    "bench/**/*.py",
]
OPENERS = """
    a an the one two each every all another those that this these it its they their
    what who whose whom whether whatever which where why when how until once
    of for from as with without in on to by at up after before between like not only also if none nothing nobody
    everything never
"""
"""Words that no imperative begins with."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[Path, Function]]:
    for path in sorted({path for room in ROOMS for path in ROOT.glob(room)}):
        if "migrations" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, Function) and not is_operation(node):
                    yield path.relative_to(ROOT), node


def is_operation(function: Function) -> bool:
    """Return whether it is an operation of the REST API, whose docstring is read by people in the OpenAPI document."""
    return any(ast.unparse(decorator).startswith("router.") for decorator in function.decorator_list)


def opening(function: Function) -> str:
    words = (ast.get_docstring(function) or "").split(maxsplit=1)
    return words[0].strip(".,:;").lower() if words else ""


def test_every_room_has_files() -> None:
    assert [room for room in ROOMS if not any(ROOT.glob(room))] == []


def test_docstrings_of_functions_begin_with_a_verb() -> None:
    fragments = {
        f"{path}:{function.lineno} {function.name}": ast.get_docstring(function)
        for path, function in functions()
        if opening(function) in OPENERS.split()
    }

    assert fragments == {}, (
        "Begin with a verb, and name the thing by the field's word: `Return whether …`, `Raise …`, `Wait until …`."
    )
