"""`python -m gptstore.sdk.dev.child DESCRIPTOR [SEAL NETWORK-SEAL]`: imports a project's plugin, and runs a tool of it.

What the plugin prints goes to stderr. The descriptor is a socket to the command, which says what to import, and what to
run. A process may wait for that: it has loaded the SDK then, and an import takes as long as the plugin does. The seals
are those of a worker's sandbox, in which this process is then, for a tool without the network and one with it.
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
from gptstore.sdk.translation import translation_into


def main() -> None:
    try:
        serve(*sys.argv[1:])
    except (EOFError, BrokenPipeError):  # the command has gone, or wants no run
        os._exit(0)


def serve(descriptor: str, *seals: str) -> None:
    """Import the plugin, say what it is, check inputs, and run the tool that is asked for."""
    channel = Channel(socket.socket(fileno=int(descriptor)), to_plugin)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if seals:
        os.environ["HOME"] = os.environ["TMPDIR"] = os.getcwd()
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
        channel.send(run(start, channel, loaded, seals))
    os._exit(0)  # a thread that the plugin started must not keep this process alive


def find_errors(check: Check, plugins: Loaded) -> list[dict[str, str]]:
    """Return what is wrong with an input."""
    tool = plugins.find(check.tool)
    if tool is None:
        return []
    try:
        tool.check_input(check.input, translation_into(check.language))
    except InputError as error:
        return [{name: str(value) for name, value in one.items()} for one in error.errors]
    return []


def run(
    start: messages.Start, channel: Channel, loaded: Loaded, seals: tuple[str, ...]
) -> messages.Finished | messages.Failed:
    """Run the tool, in the sandbox with the rights that a worker gives it."""
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
