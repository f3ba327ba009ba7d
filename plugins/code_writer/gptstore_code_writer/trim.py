"""The part of Python code that holds: whole statements from its beginning."""

import ast
import re
from dataclasses import dataclass

from gptstore_code_writer.python_check import find_problem, parse

BEGINS_STATEMENT = re.compile(r"(?!(?:else|elif|except|finally)\b)[^\s#)\]}]")


@dataclass(frozen=True)
class Trimmed:
    """left_out: how many lines are missing at the end. problem: why; None when nothing is missing."""

    code: str
    left_out: int
    problem: str | None

    @property
    def defines(self) -> bool:
        return any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in parse(self.code).body
        )


def trim(code: str) -> Trimmed | None:
    """The longest beginning that ends with a whole top-level statement and parses; None if that does nothing.

    These do nothing: imports, names, constants and `pass` alone.
    """
    lines = code.rstrip().split("\n")
    for end in range(len(lines), 0, -1):
        if end < len(lines) and not BEGINS_STATEMENT.match(lines[end]):
            continue
        beginning = "\n".join(lines[:end]).rstrip()
        if find_problem(beginning) is None:
            left_out = sum(bool(line.strip()) for line in lines[end:])
            problem = find_problem(code) if left_out else None
            return Trimmed(beginning, left_out, problem) if does_something(beginning) else None
    return None


def does_something(code: str) -> bool:
    return any(not _is_idle(node) for node in parse(code).body)


def _is_idle(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant | ast.Name)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)
