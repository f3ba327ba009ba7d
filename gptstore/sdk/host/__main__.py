"""`python -m gptstore.sdk.host PLUGIN DESCRIPTOR`: started by a worker's sandbox, never by hand."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import stat
import sys
from collections.abc import Sequence

from gptstore.sdk.host.control import Ready, send
from gptstore.sdk.host.fork_server import ForkServer
from gptstore.sdk.host.messages import VERSION
from gptstore.sdk.plugins import Loaded, load_plugins
from gptstore.sdk.preload import preload

MAX_DETAILS = 20_000


def main() -> None:
    name, control = read_arguments(sys.argv[1:])
    plugins = load_plugins(names=[name])
    preload(tool for plugin in plugins.plugins for tool in plugin.tools)
    gc.collect()
    gc.freeze()  # so that a child's collector leaves the pages alone that it shares with this process
    send(control, introduce(name, plugins))
    if plugins.plugins:
        ForkServer(control, plugins).serve()


def read_arguments(arguments: Sequence[str]) -> tuple[str, socket.socket]:
    """Return the plugin's name and the socket to the worker. Ends the process with a sentence when they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m gptstore.sdk.host",
        description="Run one plugin's tools for a worker. A worker's sandbox starts this; by hand it is of no use.",
    )
    parser.add_argument("plugin", help="the name of the plugin's package, such as gptstore-summarizer")
    parser.add_argument("descriptor", type=int, help="the number of the open socket to the worker")
    given = parser.parse_args(arguments)
    try:
        if not stat.S_ISSOCK(os.fstat(given.descriptor).st_mode):
            parser.error(f"the descriptor {given.descriptor} is no socket: a worker starts this, nobody else")
    except (OSError, OverflowError):
        parser.error(f"the descriptor {given.descriptor} is not open: a worker starts this, nobody else")
    return given.plugin, socket.socket(fileno=given.descriptor)


def introduce(name: str, plugins: Loaded) -> Ready:
    """Return the host's first message: the tools that the plugin offers, or why it offers none."""
    tools = [tool.slug for plugin in plugins.plugins for tool in plugin.tools]
    if plugins.plugins:
        network = [tool.slug for plugin in plugins.plugins for tool in plugin.tools if tool.network]
        return Ready(version=VERSION, tools=tools, network=network, counts_denials=True)
    error, details = f"no package {name} has an entry point", ""
    for broken in plugins.broken:
        error, details = broken.error, broken.details
    return Ready(version=VERSION, tools=[], error=error[:1000], details=details[-MAX_DETAILS:])


if __name__ == "__main__":
    main()
