"""`python -m gptstore.sdk.host PLUGIN DESCRIPTOR`: started by a worker's sandbox, never by hand."""

from __future__ import annotations

import gc
import socket
import sys

from gptstore.sdk.host.control import Ready, send
from gptstore.sdk.host.fork_server import ForkServer
from gptstore.sdk.host.messages import VERSION
from gptstore.sdk.plugins import Loaded, load_plugins

MAX_DETAILS = 20_000


def main() -> None:
    name, descriptor = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    plugins = load_plugins(names=[name])
    gc.collect()
    gc.freeze()  # so that a child's collector leaves the pages alone that it shares with this process
    send(control, introduce(name, plugins))
    if plugins.plugins:
        ForkServer(control, plugins).serve()


def introduce(name: str, plugins: Loaded) -> Ready:
    tools = [tool.slug for plugin in plugins.plugins for tool in plugin.tools]
    if plugins.plugins:
        network = [tool.slug for plugin in plugins.plugins for tool in plugin.tools if tool.network]
        return Ready(version=VERSION, tools=tools, network=network)
    error, details = f"no package {name} has an entry point", ""
    for broken in plugins.broken:
        error, details = broken.error, broken.details
    return Ready(version=VERSION, tools=[], error=error[:1000], details=details[-MAX_DETAILS:])


if __name__ == "__main__":
    main()
