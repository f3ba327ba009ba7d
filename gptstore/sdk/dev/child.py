"""`python -m gptstore.sdk.dev.child DESCRIPTOR`: imports a project's plugin, and runs one of its tools.

What the plugin prints goes to stderr. The descriptor is a socket to the command, which says what to import, and what to
run. A process may wait for that: it has loaded the SDK then, and an import takes as long as the plugin does.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from gptstore.sdk.dev.messages import Check, Checked, Described, Import, to_plugin
from gptstore.sdk.errors import InputError
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.job import execute
from gptstore.sdk.plugins import Loaded
from gptstore.sdk.project.import_plugin import import_project, stacks_shown
from gptstore.sdk.project.reading import read_project


def main() -> None:
    channel = Channel(socket.socket(fileno=int(sys.argv[1])), to_plugin)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    order = channel.receive()
    assert isinstance(order, Import)
    with stacks_shown(order.seconds):
        found, plugin = import_project(read_project(Path(order.folder)))
    found.loaded = []
    channel.send(Described(description=found))
    if plugin is not None:
        loaded = Loaded([plugin])
        while isinstance(start := channel.receive(), Check):
            channel.send(Checked(errors=find_errors(start, loaded)))
        assert isinstance(start, messages.Start)
        ending = execute(start, channel, loaded)
        sys.stderr.flush()
        channel.send(ending)
    os._exit(0)  # a thread that the plugin started must not keep this process alive


def find_errors(check: Check, plugins: Loaded) -> list[dict[str, str]]:
    """Return what is wrong with an input."""
    tool = plugins.find(check.tool)
    if tool is None:
        return []
    try:
        tool.check_input(check.input)
    except InputError as error:
        return [{name: str(value) for name, value in one.items()} for one in error.errors]
    return []


if __name__ == "__main__":
    try:
        main()
    except (EOFError, BrokenPipeError):  # the command has gone, or wants no run
        os._exit(0)
