"""The process that runs a model's code: it reads code and arguments, and writes the results of each function.

It gets no expected results and finds nothing of the project. `worker.hosts.sandbox.launch` has dropped its privileges
before it started; the rest comes with the order: the path of seal.py and a seccomp program.
"""

import contextlib
import io
import json
import os
import runpy
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any


def main() -> None:
    order = json.loads(sys.stdin.read())
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    seal = runpy.run_path(order["seal"])
    seal["restrict_computing"](order["seconds"])
    if order["calls"]:
        seal["restrict_calls"](bytes.fromhex(order["calls"]))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        results = results_of(order["code"], order["arguments"])
    out.write(json.dumps(results, default=plain))
    out.flush()
    os._exit(0)


def results_of(code: str, arguments: list[list[Any]]) -> list[list[Any]]:
    """Return for each function that the code defines, in order, its results up to its first error."""
    names: dict[str, Any] = {"__name__": "answer"}
    exec(compile(code, "answer", "exec"), names)  # noqa: S102
    functions = [one for one in names.values() if isinstance(one, FunctionType) and one.__module__ == "answer"]
    return [list(call(function, json.dumps(arguments))) for function in functions]


def call(function: FunctionType, arguments: str) -> Iterator[Any]:
    with contextlib.suppress(Exception):
        for given in json.loads(arguments):
            yield function(*given)


def plain(value: object) -> object:
    """Convert values that JSON lacks: sets to lists, anything else so that it equals no expected result."""
    return sorted(value) if isinstance(value, set | frozenset) else {"not plain": type(value).__name__}


if __name__ == "__main__":
    main()
