"""The process that renders: `python -m gptstore.sdk.render`, with its connection to the web process as stdin.

It ends when the web process does, however that ends: the connection is closed then. It is given no secret.
"""

from __future__ import annotations

import resource
import signal
import socket
from contextlib import suppress

from gptstore.sdk.render.messages import receive_request, send_json
from gptstore.sdk.render.output import render

MEMORY_BYTES = 1_000_000_000
HARD_SECONDS = 30
"""When even this is over, the kernel ends the process: the web process was killed in the middle of a long rendering."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the web process's to take
    with suppress(OSError, ValueError):  # not everywhere
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with socket.socket(fileno=0) as connection, suppress(EOFError, ConnectionError):
        while True:
            request = receive_request(connection)
            signal.alarm(HARD_SECONDS)
            send_json(connection, render(request.kind, request.text, request.language), None)
            signal.alarm(0)


if __name__ == "__main__":
    main()
