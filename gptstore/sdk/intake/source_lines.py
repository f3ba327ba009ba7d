"""Finds the lines of functions and parameters in a plugin's modules."""

from __future__ import annotations

import ast
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse_module(path: Path) -> ast.Module | None:
    """Return the module's syntax tree, None where it is no Python or can't be read."""
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def find_function(path: Path, name: str) -> int:
    """Return the line of the function, or of what else has this name in the module; 0 where there is none."""
    tree = parse_module(path)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, Function | ast.ClassDef) and node.name == name:
            return node.lineno
    return 0


def find_declaration(path: Path, line: int, parameter: str = "") -> int:
    """Return the line of the `def`, or of its parameter, whose decorators or signature have this line."""
    tree = parse_module(path)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, Function) and _first_line(node) <= line <= node.body[0].lineno:
            arguments = node.args
            named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            return next((one.lineno for one in named if one is not None and one.arg == parameter), node.lineno)
    return line


def _first_line(function: Function) -> int:
    return min([function.lineno, *(mark.lineno for mark in function.decorator_list)])
