"""The shape of a Python function, without the names that it chose: tells whether two functions are the same."""

import ast
import builtins
import warnings
from copy import deepcopy

MIN_NODES = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_shapes(code: str) -> set[str]:
    """Return the shape of each function of at least `MIN_NODES` nodes; none if `code` does not parse."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return {_shape(deepcopy(function)) for function in functions if _nodes(function) >= MIN_NODES}


def _nodes(function: Function) -> int:
    return sum(1 for _ in ast.walk(function))


def _shape(function: Function) -> str:
    numbers: dict[str, str] = {}

    def number(name: str) -> str:
        return name if hasattr(builtins, name) else numbers.setdefault(name, f"_{len(numbers)}")

    for node in ast.walk(function):
        if isinstance(node, Function):
            node.name, node.returns, node.decorator_list = number(node.name), None, []
        elif isinstance(node, ast.arg):
            node.arg, node.annotation = number(node.arg), None
        elif isinstance(node, ast.Name):
            node.id = number(node.id)
    return ast.dump(function, annotate_fields=False)
