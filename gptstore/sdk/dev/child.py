"""`python -m gptstore.sdk.dev.child FOLDER SECONDS DESCRIPTOR [SEAL NETWORK-SEAL]`: imports a plugin, and runs a tool.

What the plugin prints goes to stderr. The descriptor is a socket to the command, which says what to run. The seals are
those of a worker's sandbox, in which this process is then, for a tool without the network and one with it.
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
from gptstore.sdk.plugins import Loaded, LoadedPlugin
from gptstore.sdk.project.import_plugin import import_project, stacks_shown
from gptstore.sdk.project.reading import read_project


def main() -> None:
    try:
        serve(*sys.argv[1:])
    except (EOFError, BrokenPipeError):  # the command has gone, or wants no run
        os._exit(0)


def serve(folder: str, seconds: str, descriptor: str, *seals: str) -> None:
    """Import the plugin, say what it is, and run the tool that is asked for."""
    channel = Channel(socket.socket(fileno=int(descriptor)), messages.to_child)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if seals:
        os.environ["HOME"] = os.environ["TMPDIR"] = os.getcwd()
    sys.stdin.buffer.read()  # the command closes it when the import may begin
    with stacks_shown(float(seconds)):
        found, plugin = import_project(read_project(Path(folder)))
    found.loaded = []
    channel.send(Described(description=found))
    if plugin is not None:
        start = channel.receive()
        assert isinstance(start, messages.Start)
        channel.send(run(start, channel, plugin, seals))
    os._exit(0)  # a thread that the plugin started must not keep this process alive


def run(
    start: messages.Start, channel: Channel, plugin: LoadedPlugin, seals: tuple[str, ...]
) -> messages.Finished | messages.Failed:
    """Run the tool, in the sandbox with the rights that a worker gives it."""
    loaded = Loaded([plugin])
    try:
        if seals:
            confine(start, loaded, *seals)
        ending = execute(start, channel, loaded)
    except MemoryError:
        ending = messages.Failed(reason="memory")
    sys.stderr.flush()
    return ending


def confine(start: messages.Start, loaded: Loaded, seal: str, network_seal: str) -> None:
    """Give up the rights that this tool does not need, as a worker's child does."""
    from gptstore.sdk.host.seal import restrict_calls  # which is there on Linux only

    tool = loaded.find(start.tool)
    if program := network_seal if tool is not None and tool.network else seal:
        restrict_calls(bytes.fromhex(program))


if __name__ == "__main__":
    main()
