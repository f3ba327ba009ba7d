"""Asks a base model for Python until the code parses, and keeps the whole statements of code that breaks off."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from gptstore.sdk import Context, ToolError
from gptstore_base_model_aids.python_check import does_something, find_problem, parse

TEMPERATURES = (0, 0.5, 0.8, 0.8)
BEGINS_STATEMENT = re.compile(r"(?!(?:else|elif|except|finally)\b)[^\s#)\]}]")


@dataclass(frozen=True)
class Trimmed:
    """The code that parses. left_out: how many lines are missing at its end. problem: why; None when none are."""

    code: str
    left_out: int
    problem: str | None

    @property
    def defines(self) -> bool:
        return any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in parse(self.code).body
        )


def write_python(ctx: Context, ask: Callable[[float, int], str]) -> str:
    """Return the first code that parses as a whole, else the code with the least left out, with a comment on that.

    ask: takes a temperature and a seed, and returns the code of one answer.
    Raises ToolError when no attempt has a part that parses and does something.
    """
    best: Trimmed | None = None
    for number, temperature in enumerate(TEMPERATURES, start=1):
        ctx.progress(number - 1, len(TEMPERATURES), f"Attempt {number} of {len(TEMPERATURES)}")
        code = ask(temperature, number)
        found = trim(code)
        if found and (best is None or worth(found) > worth(best)):
            best = found
        if found and not found.left_out:
            break
        ctx.log(f"Attempt {number}: {found.problem if found else find_problem(code) or 'no code'}")
    if best is None:
        raise ToolError(
            f"In {len(TEMPERATURES)} attempts the model wrote no Python code that parses. "
            "Describe the task in other words or in smaller steps, and run the tool again."
        )
    ctx.progress(len(TEMPERATURES), len(TEMPERATURES), "Done")
    return best.code + note_on(best)


def worth(found: Trimmed) -> tuple[bool, int]:
    return not found.left_out or found.defines, -found.left_out


def note_on(found: Trimmed) -> str:
    if not found.left_out:
        return ""
    lines = "the last line" if found.left_out == 1 else f"the last {found.left_out} lines"
    return f"\n\n# Left out: {lines} of the model's answer, which did not parse: {found.problem}"


def trim(code: str) -> Trimmed | None:
    """Return the longest beginning that ends with a whole top-level statement and parses; None if that does nothing.

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
