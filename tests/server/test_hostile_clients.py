"""Endless and half-sent requests to a real uvicorn: they end soon, and leave memory, disk and others alone."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.server.raw_client import CHUNK, RawClient, head, status_of

pytestmark = pytest.mark.slow

CHUNKED = "Transfer-Encoding: chunked"
FLOOD = 600_000_000
TAKEN = 40_000_000
"""More than the buffers of the operating system on both sides and all that is read and dropped after a rejection."""
EVERYWHERE = ["/healthz", "/", "/api/v1/tools", "/static/web/img/logo.svg", "/nowhere"]


@pytest.fixture(scope="module")
def site(redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with Site(folder, redis_process.url, request_seconds="4") as site:
        site.manage("collectstatic", "--noinput")
        site.start_web()  # it has no schema: nothing here gets as far as the database
        yield site


@pytest.fixture
def client(site: Site) -> Iterator[RawClient]:
    with RawClient(site.port) as client:
        yield client


@pytest.fixture(autouse=True)
def still_serving(site: Site) -> Iterator[None]:
    yield
    assert httpx.get(f"{site.url}/healthz", timeout=30).status_code == 200


def unnamed_bytes(pid: int) -> int:
    """The size of all open files of a process that have no name any more, as those are to which bodies are spooled."""
    size = 0
    for number in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            found = os.stat(f"/proc/{pid}/fd/{number}")
            size += found.st_size if stat.S_ISREG(found.st_mode) and not found.st_nlink else 0
    return size


def memory(pid: int) -> int:
    """The memory of a process in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_endless_body_is_refused_on_every_path(client: RawClient, site: Site, method: str, path: str) -> None:
    web = site.processes[0].popen.pid
    before = memory(web)

    client.send(head(method, path, CHUNKED))
    sent = client.send_chunks(FLOOD)

    assert sent < TAKEN
    assert memory(web) - before < TAKEN
    wait_until(lambda: unnamed_bytes(web) == 0, "the end of every spooled body")


def test_an_endless_body_is_never_spooled(client: RawClient, site: Site) -> None:
    web = site.processes[0].popen.pid
    client.send(head("POST", "/api/v1/tools/x/jobs", CHUNKED))

    for _ in range(40):
        client.send_chunks(len(CHUNK))
        assert unnamed_bytes(web) <= 2_000_000 + 0x40000


@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_declared_length_is_refused_before_the_body_comes(client: RawClient, path: str) -> None:
    answer = client.send(head("POST", path, "Content-Length: 600000000")).read()

    assert status_of(answer) == 413
    assert b"connection: close" in answer
    assert (b"application/problem+json" in answer) is path.startswith("/api/")
    assert b"permissions-policy" in answer.lower()


def test_a_client_that_asks_first_is_told_not_to_send(client: RawClient) -> None:
    answer = client.send(head("POST", "/api/v1/tools", "Content-Length: 600000000", "Expect: 100-continue")).read()

    assert status_of(answer) == 413


def test_a_client_that_asks_first_and_sends_little_goes_on(client: RawClient) -> None:
    client.send(head("POST", "/api/v1/tools/x/jobs", "Content-Length: 2", "Expect: 100-continue"))
    assert status_of(client.read_answer()) == 100

    assert status_of(client.send(b"{}").read_answer()) == 401


def test_a_client_that_has_sent_all_before_it_reads_finds_the_answer(client: RawClient) -> None:
    body = b"x" * 700_000

    answer = client.send(head("POST", "/accounts/login/", f"Content-Length: {len(body)}"), body).read()

    assert status_of(answer) == 413
    assert b"64.0" in answer


def test_what_comes_behind_a_refused_body_is_no_request(client: RawClient) -> None:
    body = b"x" * 100_000

    answers = client.send(head("GET", "/", f"Content-Length: {len(body)}"), body, head("GET", "/healthz")).read()

    assert status_of(answers) == 413
    assert answers.count(b"HTTP/1.1 ") == 1


def test_requests_in_a_row_are_answered_in_their_order(client: RawClient) -> None:
    client.send(
        head("GET", "/healthz"),
        head("POST", "/api/v1/tools/x/jobs", "Content-Length: 3"),
        b"abc",
        head("GET", "/robots.txt", "Connection: close"),
    )

    assert [status_of(b"HTTP/1.1 " + part) for part in client.read().split(b"HTTP/1.1 ")[1:]] == [200, 401, 200]


@pytest.mark.parametrize(
    "begun",
    [
        head("POST", "/api/v1/tools/x/jobs", "Content-Length: 5") + b"{",
        head("POST", "/accounts/login/", "Content-Length: 5"),
        head("GET", "/healthz", CHUNKED) + b"1\r\nx\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: local",
    ],
    ids=["api", "page", "chunks", "head"],
)
def test_a_half_sent_request_ends_after_a_time(client: RawClient, begun: bytes) -> None:
    assert status_of(client.send(begun).read()) == 408


@pytest.mark.parametrize("begun", [b"GET /hea", b"\r\n"])
def test_a_half_sent_request_after_a_whole_one_ends_too(client: RawClient, begun: bytes) -> None:
    assert status_of(client.send(head("HEAD", "/healthz")).read_answer()) == 200

    assert status_of(client.send(begun).read()) == 408


def test_a_body_that_drips_ends_after_a_time(client: RawClient) -> None:
    client.send(head("POST", "/api/v1/tools/x/jobs", "Content-Length: 1000000"))
    client.socket.settimeout(0.2)
    answer, sent = b"", 0
    while not answer and sent < 1000:
        client.send(b"x")
        sent += 1
        with suppress(TimeoutError):
            answer = client.socket.recv(65536)

    assert status_of(answer) == 408


def test_a_connection_without_a_request_ends_after_a_time(client: RawClient) -> None:
    assert client.read() == b""


def test_an_endless_header_is_refused(client: RawClient) -> None:
    client.send(b"GET / HTTP/1.1\r\nX: ")

    assert client.send_chunks(FLOOD) < TAKEN


def test_a_page_that_is_refused_is_in_the_language_of_its_reader(site: Site) -> None:
    answer = httpx.post(f"{site.url}/accounts/login/", content=b"x" * 70_000, headers={"Accept-Language": "zh-CN"})

    assert answer.status_code == 413
    assert 'lang="zh-hans"' in answer.text
