"""`python -m gptstore.sdk.dev.child FOLDER SECONDS DESCRIPTOR`: imports a project's plugin, and runs one of its tools.

What the plugin prints goes to stderr. The descriptor is a socket to the command, which says what to run.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from gptstore.sdk.dev.messages import Described
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.job import execute
from gptstore.sdk.plugins import Loaded
from gptstore.sdk.project.import_plugin import import_project, stacks_shown
from gptstore.sdk.project.reading import read_project


def main() -> None:
    folder, seconds, descriptor = sys.argv[1:]
    channel = Channel(socket.socket(fileno=int(descriptor)), messages.to_child)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with stacks_shown(float(seconds)):
        found, plugin = import_project(read_project(Path(folder)))
    found.loaded = []
    channel.send(Described(description=found))
    if plugin is not None:
        start = channel.receive()
        assert isinstance(start, messages.Start)
        ending = execute(start, channel, Loaded([plugin]))
        sys.stderr.flush()
        channel.send(ending)
    os._exit(0)  # a thread that the plugin started must not keep this process alive


if __name__ == "__main__":
    try:
        main()
    except (EOFError, BrokenPipeError):  # the command has gone, or wants no run
        os._exit(0)
