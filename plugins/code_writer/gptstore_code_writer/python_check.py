"""Whether Python code parses."""

import ast
import warnings


def find_problem(code: str) -> str | None:
    """One line on what is wrong with `code`, with the line's number, or None if it parses.

    The code is read, never run. It is checked for the Python version that this plugin runs on.
    """
    try:
        parse(code)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        return " ".join(f"{where}{error.msg}".split())
    except (ValueError, RecursionError, MemoryError) as error:
        return " ".join(f"{type(error).__name__}: {error}".split())
    return None


def parse(code: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of doubtful escapes and comparisons, which are no errors
        return ast.parse(code).body
