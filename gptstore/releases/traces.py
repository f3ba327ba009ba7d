"""Tracebacks of a plugin as its author may keep them: places and the kind of the error, nothing that was computed."""

import re

MAX_FRAMES = 20
MAX_PLACE = 160

FRAME = re.compile(r'File "([^"\n]{1,1000})", line (\d{1,7}), in ([\w.<>]{1,100})')
FAULT = re.compile(r"[\w .()-]{1,100}", re.ASCII)
PACKAGES = "site-packages/"


def without_messages(traceback: str, fault: str) -> str:
    """Return the innermost places of a Python traceback, and the fault, each on a line.

    The messages of exceptions and the lines of code are left out: a message often quotes the input.
    """
    frames = [f"{shorten(path)}:{line} in {function}" for path, line, function in FRAME.findall(traceback)]
    return "\n".join([*frames[-MAX_FRAMES:], fault if FAULT.fullmatch(fault) else "a fault"])


def shorten(path: str) -> str:
    """Return a path below the packages of its environment, which is all that an author knows of it."""
    return path.rpartition(PACKAGES)[2][-MAX_PLACE:]
