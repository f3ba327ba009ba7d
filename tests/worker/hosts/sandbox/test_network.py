"""The network is for tools that ask for it, of plugins that the operator lets have it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread

import pytest

from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def connected(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """The operator lets its plugin have the network."""
    return open_sandbox(network=True)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server that says hello to everybody."""
    with socket.create_server((HOST, 0)) as server:
        Thread(target=greet, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def greet(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            line, _ = server.accept()
            with line:
                line.sendall(b"hello")


def call(sandbox: Sandbox, way: str, port: int, host: str = HOST) -> str:
    going = Going(sandbox, "call", way=way, host=host, port=port).end()
    assert going.raised is None
    return going.port.text


def test_a_tool_that_asks_and_may_reaches_a_server(connected: Sandbox, port: int) -> None:
    assert call(connected, "TCP", port) == "hello"
    assert call(connected, "names", port, "localhost") in (HOST, "::1")


def test_it_still_does_not_listen_nor_reach_sockets_of_this_machine(connected: Sandbox, port: int) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0gptstore-{port}")
        server.listen()
        assert call(connected, "unix", 0, f"@gptstore-{port}") == "stopped: PermissionError"
    assert call(connected, "listen", 0) == "stopped: PermissionError"
    assert call(connected, "raw", 0) == "stopped: PermissionError"


def test_another_tool_of_its_plugin_that_does_not_ask_does_not_get_it(connected: Sandbox) -> None:
    for way in ("TCP", "UDP", "names", "unix socket"):
        going = Going(connected, "reach", way=way, target="/run/redis.sock").end()
        assert going.port.text.startswith("stopped: "), (way, going.port.text)


def test_to_ask_is_not_enough(sandbox: Sandbox, port: int) -> None:
    assert call(sandbox, "TCP", port) == "stopped: PermissionError"
    assert call(sandbox, "names", port, "localhost").startswith("stopped: ")
