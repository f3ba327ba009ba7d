"""The bound on bodies without a server: which requests may send how much, and what is never timed."""

import asyncio
from typing import Any

import pytest

from gptstore.server.body_limit import BodyLimit, Message, Receive, Send, max_bytes
from gptstore.server.errors import KEY

LARGEST = 2_000_000


def scope(method: str = "POST", path: str = "/api/v1/tools", **values: Any) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": [], **values}


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/api/v1/tools/x/jobs", LARGEST),
        ("POST", "/tools/x/", LARGEST),
        ("POST", "/admin/catalog/tool/1/change/", LARGEST),
        ("POST", "/accounts/login/", 65_536),
        ("POST", "/healthz", 65_536),
        ("DELETE", "/api/v1/tools", LARGEST),
        ("GET", "/api/v1/tools", 1024),
        ("HEAD", "/", 1024),
        ("OPTIONS", "/api/", 1024),
    ],
)
def test_a_path_takes_as_much_as_what_is_sent_there(method: str, path: str, limit: int) -> None:
    assert max_bytes(scope(method, path)) == limit


def test_a_site_below_a_prefix_has_the_same_limits() -> None:
    assert max_bytes(scope(path="/store/api/v1/tools", root_path="/store")) == LARGEST


def test_no_limit_is_above_the_one_of_the_operator(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    assert {max_bytes(scope(method, path)) for method in ("GET", "POST") for path in ("/", "/api/v1/tools")} == {500}


class Client:
    """A client that sends these pieces of a body, and keeps what it is answered."""

    def __init__(self, *pieces: bytes, then: asyncio.Event | None = None) -> None:
        self.pieces = [*pieces]
        self.then = then
        self.answer: list[Message] = []

    async def receive(self) -> Message:
        if self.pieces:
            return {"type": "http.request", "body": self.pieces.pop(0), "more_body": bool(self.pieces)}
        if self.then:
            await self.then.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.answer.append(message)


class App:
    """Reads the body as Django does, answers with it, and keeps what it was called with."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        else:
            return
        self.bodies.append(body)
        self.last = asyncio.ensure_future(receive())  # as for a long answer, which the client may not wait for
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


async def test_a_body_within_its_bound_arrives_whole() -> None:
    app, client = App(), Client(b"a", b"bc", b"")

    await BodyLimit(app)(scope(), client.receive, client.send)

    assert app.bodies == [b"abc"]
    assert KEY not in app.scopes[0]
    assert (await app.last)["type"] == "http.disconnect"


async def test_a_part_of_a_body_is_never_taken_for_the_whole() -> None:
    app, client = App(), Client(*[b"x" * 1000] * 3)

    await BodyLimit(app)(scope("GET"), client.receive, client.send)

    assert app.bodies == [b""]
    assert app.scopes[-1][KEY].status == 413
    app.last.cancel()


async def test_a_refusal_ends_the_connection_and_says_how_long_it_is() -> None:
    app, client = App(), Client(b"x" * 2000)

    await BodyLimit(app)(scope("GET"), client.receive, client.send)

    start, body, end = client.answer
    assert {(b"content-length", b"4"), (b"connection", b"close")} <= set(start["headers"])
    assert (body["body"], body["more_body"], end["body"], end["more_body"]) == (b"done", True, b"", False)
    app.last.cancel()


@pytest.mark.parametrize("length", [b"2000001", b"9" * 18, b"9" * 5000])
async def test_a_declared_length_is_enough_to_refuse(length: bytes) -> None:
    app, client = App(), Client(b"never read" * 1_000_000)

    await BodyLimit(app)(scope(headers=[(b"content-length", length)]), client.receive, client.send)

    assert app.bodies == [b""]
    app.last.cancel()


async def test_only_the_body_is_timed_and_never_the_answer(settings: Any) -> None:
    # Given no time at all, and a body that is there
    settings.ENV = settings.ENV.model_copy(update={"request_seconds": 0})
    gone = asyncio.Event()
    app, client = App(), Client(b"all", then=gone)
    # When the answer takes longer than that
    await BodyLimit(app)(scope(), client.receive, client.send)
    for _ in range(10):
        await asyncio.sleep(0)
    # Then it goes on until the client goes away
    assert not app.last.done()
    gone.set()
    assert (await app.last)["type"] == "http.disconnect"
    assert client.answer[0]["status"] == 200


async def test_a_body_that_does_not_come_is_refused(settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"request_seconds": 0.01})
    app, client = App(), Client(then=asyncio.Event())

    await BodyLimit(app)(scope(), client.receive, client.send)

    assert app.scopes[-1][KEY].status == 408
    app.last.cancel()


async def test_other_protocols_pass() -> None:
    seen = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    client = Client()
    await BodyLimit(app)({"type": "lifespan"}, client.receive, client.send)
    assert seen == ["lifespan"]
