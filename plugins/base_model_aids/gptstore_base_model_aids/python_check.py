"""Checks whether Python code parses."""

import ast
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def find_problem(code: str) -> str | None:
    """Return in one line what is wrong with `code`, with the line's number, or None if it parses.

    The code is read and compiled, never run. It is checked for the Python version that this plugin runs on.
    """
    try:
        with quiet():
            compile(parse(code), "<code>", "exec")  # finds what the grammar allows, such as a `return` in no function
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        return " ".join(f"{where}{error.msg}".split())
    except (ValueError, RecursionError, MemoryError) as error:
        return " ".join(f"{type(error).__name__}: {error}".split())
    return None


def parse(code: str) -> ast.Module:
    with quiet():
        return ast.parse(code)


def does_something(code: str) -> bool:
    """Return whether code that parses has more than imports, names, constants and `pass`."""
    return any(not _is_idle(node) for node in parse(code).body)


def _is_idle(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant | ast.Name)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings of doubtful escapes and comparisons, which are no errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
