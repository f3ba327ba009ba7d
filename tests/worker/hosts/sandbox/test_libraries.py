"""What tools ordinarily do works in the sandbox; what does not is in docs/tool-guide.md."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from harness.hostile.gptstore_hostile.libraries import LIBRARIES, UNSUPPORTED
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.errors import ToolCrashed
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

MEMORY = 16 << 30
"""Address space: numpy and torch reserve some for each processor."""


@pytest.fixture(scope="module")
def roomy(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return open_sandbox(memory=MEMORY, network=True)


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_ordinary_library_works(name: str, roomy: Sandbox) -> None:
    going = Going(roomy, "use", name=name).end(60)
    assert going.raised is None, getattr(going.raised, "details", going.raised)
    assert going.port.text == "it works"


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def test_http_clients_work_where_a_tool_has_the_network(roomy: Sandbox, url: str) -> None:
    going = Going(roomy, "download", url=url).end(60)
    assert going.raised is None, getattr(going.raised, "details", going.raised)
    assert going.port.text == "it works"


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_does_not_work_is_refused_as_documented(name: str, roomy: Sandbox) -> None:
    going = Going(roomy, "use", name=name).end()
    assert isinstance(going.raised, ToolCrashed)
    missing = ["FileNotFoundError"] if "multiprocessing" in name else []  # with namespaces there is no /dev/shm
    assert going.raised.fault in ["PermissionError", *missing], going.raised.details
