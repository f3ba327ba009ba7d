"""Tools whose calls a sandbox denies. The tests install them as a plugin of one module."""

import os
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from gptstore.sdk import Context, Tool, ToolError, hookimpl, tool


def look_up() -> None:
    socket.create_connection(("example.com", 80))


def run_program() -> None:
    subprocess.run(["/bin/true"])


def read_missing() -> None:
    Path("not-here").read_text()


def append() -> None:
    with open(SYSTEM, "a"):
        pass


def append_to_several() -> list[int]:
    return [Path(path).open("a").write("") for path in (os.devnull, SYSTEM)]


SYSTEM = os.__file__
"""A file that every tool may read, and none may write."""

WAYS: dict[str, Callable[[], object]] = {
    "socket": socket.socket,
    "look up": look_up,
    "fork": os.fork,
    "program": run_program,
    "file": append,
    "one of a list": append_to_several,
    "write": lambda: os.mkdir(os.path.dirname(SYSTEM) + "/made"),
    "missing": read_missing,
}


@tool
def attempt(ctx: Context, ways: list[str]) -> str:
    """Try ways, and go on."""
    for way in ways:
        with suppress(OSError):
            WAYS[way]()
    Path("own").write_text("its own folder")
    return Path("own").read_text()


@tool
def insist(ctx: Context) -> str:
    """Give up over a denied call in another thread."""
    other = Thread(target=attempt, args=(ctx, ["socket"]))
    other.start()
    other.join()
    raise ToolError("no network")


@tool
def hide(ctx: Context) -> str:
    """Raise what looks like a denied call."""
    with suppress(OSError):
        raise PermissionError(13, "said by the tool")
    return "done"


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [attempt, insist, hide]
