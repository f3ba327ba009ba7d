"""Says why a plugin could not be imported: what went wrong at which line of it, and what its author can do."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from gptstore.sdk.errors import DefinitionError, ToolDefinitionError
from gptstore.sdk.problem import Problem

HOOK = "gptstore_tools"

_OWN_CODE = str(Path(__file__).parent)
_CYCLE = re.compile(r"(?:partially initialized|submodule '(?P<name>\w+)' of) module '(?P<module>[\w.]+)'")
_SUPPORTED = re.compile(r"; |\. (?=Supported are )")


def describe_failure(error: BaseException, root: Path | None = None) -> Problem:
    """Return the problem that this exception of a plugin's import, or of its hook, is. root: as for `find_place`."""
    file, line = find_place(error, root)
    if isinstance(error, DefinitionError):
        message, mend = split_advice(error)
        rule = error.rule or ("signature" if isinstance(error, ToolDefinitionError) else "hook")
        return Problem(rule, message, mend, file, line)
    text = " ".join(str(error).split())
    if isinstance(error, SyntaxError):
        return Problem("syntax", f"{type(error).__name__}: {error.msg}", "mend the line", file, line)
    if isinstance(error, SystemExit):
        mend = "remove the call: code at the top of a module only defines things"
        return Problem(
            "import-exit", f"it ends the process while it is imported (SystemExit: {text})", mend, file, line
        )
    if isinstance(error, MemoryError):
        return Problem("import-memory", "it runs out of memory while it is imported", "load less", file, line)
    if isinstance(error, TypeError) and text.startswith("@tool takes no"):
        message, _, mend = text.partition("; ")
        return Problem("card", message, mend, file, line)
    if isinstance(error, ImportError | AttributeError) and (found := _CYCLE.search(text)):
        module = ".".join(filter(None, [found["module"], found["name"]]))
        message = f"{module} is imported while it is still being imported itself, through this line"
        return Problem("cyclic-import", message, "move what both modules need into a third one", file, line)
    if isinstance(error, AttributeError) and not file:
        return Problem("entry-point", text, "name an object that the module has, or the module alone")
    if isinstance(error, ImportError):
        return _describe_import(error, text, file, line)
    text = f"{type(error).__name__}: {text}".removesuffix(": ")
    if any(frame.name == HOOK for frame in traceback.extract_tb(error.__traceback__)):
        return Problem("hook", f"{HOOK} raises {text}", "let it only return the list of tools", file, line)
    mend = "code at the top of a module must not fail: move it into the tool's function"
    return Problem("import-failed", text, mend, file, line)


def _describe_import(error: ImportError, text: str, file: str, line: int) -> Problem:
    if isinstance(error, ModuleNotFoundError) and error.name:
        mend = f"declare the package that has {error.name} in `dependencies` of pyproject.toml, and install it"
        return Problem("import", f"No module named {error.name!r}", mend, file, line)
    return Problem("import", re.sub(r" \([^()]*\)$", "", text), "import a name that is there", file, line)


def split_advice(error: DefinitionError) -> tuple[str, str]:
    """Return what is wrong and what to do, which many messages of the SDK have after a semicolon."""
    if error.mend:
        return error.problem, error.mend
    message, *advice = _SUPPORTED.split(error.problem, maxsplit=1)
    return message, advice[0] if advice else ""


def find_place(error: BaseException, root: Path | None = None) -> tuple[str, int]:
    """Return the file and the line of the plugin at which it was raised; ("", 0) for what no line of it raised.

    root: the folder of the plugin's sources. Where it is not known, any line counts that is not the SDK's.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno or 0
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        is_own = frame.filename.startswith((_OWN_CODE, "<frozen")) or "pluggy" in path.parts
        if not is_own if root is None else path.is_relative_to(root):
            return frame.filename, frame.lineno or 0
    return "", 0


def as_line(error: BaseException, problem: Problem) -> str:
    """Return the problem on one line, with its place in full: `ZeroDivisionError: … (…/my_plugin.py, line 3)`."""
    text = " ".join(str(error).split()) if isinstance(error, DefinitionError) else problem.message
    return f"{text} ({problem.file}, line {problem.line})" if problem.file else text
