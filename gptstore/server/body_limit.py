"""Bounds the bodies of requests, in bytes and in time, before Django sees the request.

Django reads a body to its end before it looks at the request, into a file where it is large. What is refused here never
comes that far: Django is called once more, with no body and with the reason in the scope, and writes the answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings

from gptstore.server.errors import KEY, Rejection

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]
Larger = Callable[[Scope, int], Awaitable[int]]
Upload = Callable[[Scope], Awaitable[int]]

BODILESS = ("GET", "HEAD", "OPTIONS", "TRACE")
MAX_BODILESS_BYTES = 1024
"""The limit of methods that need no body: some clients send an empty object all the same."""

LARGE = ("/api/", "/v1/", "/tools/", "/admin/")
"""The paths that take as much as is usual; forms elsewhere are short."""
USUAL_BYTES = 2_000_000
MAX_USUAL_BYTES = 3_000_000
"""A text without a limit goes to the tool in one message, of at most 4,000,000 bytes (`gptstore.sdk.host.channel`)."""
MAX_FORM_BYTES = 64 * 1024

PAUSES = 4
"""How many of the longest pauses make up the time that a body has: a quarter of it may pass without a byte."""

MIN_UPLOAD_RATE = 100_000
"""Bytes in a second: with each of them the time that an upload has grows, and a slow line sends a large file, too."""

LINGER_SECONDS = 2.0
LINGER_BYTES = 1_000_000
"""How much more is read, and dropped, after a rejection: a connection that is closed on a client that still sends is
reset, and the client may never see the answer (RFC 9112, section 9.6)."""

MAX_DIGITS = 19
"""Longer numbers are no lengths, and very long ones no numbers for Python."""


class BodyLimit:
    """An ASGI application around another one, which gets only bodies that are small and quick enough.

    larger: takes a scope and its usual limit, and returns a larger one where an input of a tool needs it. upload: takes
    a scope, and returns how much a request may have with a file. They are called for bodies above the usual limit only.
    """

    def __init__(self, app: App, larger: Larger | None = None, upload: Upload | None = None) -> None:
        self._app = app
        self._larger = larger
        self._upload = upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = Limit(scope, self._larger, self._upload)
        body = Body(receive, limit, settings.ENV.request_seconds)
        await body.check_length(declared_length(scope))
        if body.rejection is None:
            await self._app(scope, body.receive, send)
        if body.rejection is not None:
            await self._refuse(body, {**scope, KEY: body.rejection}, send)

    async def _refuse(self, body: "Body", scope: Scope, send: Send) -> None:
        """Send the answer whole, then read on for a moment, and only then end the response and the connection."""
        answer: list[Message] = []
        await self._app(scope, receive_nothing(), partial(keep, answer))
        start, content = answer[0], b"".join(message["body"] for message in answer[1:])
        ending = [(b"content-length", str(len(content)).encode()), (b"connection", b"close")]
        await send({**start, "headers": [*without_length(start["headers"]), *ending]})
        await send({"type": "http.response.body", "body": content, "more_body": True})
        await body.linger()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Limit:
    """The most bytes of one request's body."""

    def __init__(self, scope: Scope, larger: Larger | None, upload: Upload | None) -> None:
        self.bytes = max_bytes(scope)
        self.is_of_upload = False
        self._scope = scope
        self._path = own_path(scope)
        self._larger = larger if scope["method"] not in BODILESS else None
        self._upload = upload

    async def is_exceeded(self, length: int) -> bool:
        """Return whether so many bytes are too many, after a look at what the path's tool needs."""
        if length > self.bytes and self._larger is not None:
            larger, self._larger = self._larger, None
            self.bytes = min(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, await larger(self._scope, self.bytes))
        if length > self.bytes and self._upload is not None:
            upload, self._upload = self._upload, None
            allowed = await upload(self._scope)
            self.is_of_upload = allowed > self.bytes
            self.bytes = max(self.bytes, allowed)
        return length > self.bytes


class Body:
    """The body of one request, counted and timed while it arrives. `rejection` says why it is not read to its end."""

    def __init__(self, receive: Receive, limit: Limit, seconds: float) -> None:
        self.rejection: Rejection | None = None
        self._receive = receive
        self._limit = limit
        self._longest_pause = seconds / PAUSES
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._size = 0
        self._has_ended = False

    async def check_length(self, length: int) -> None:
        if await self._limit.is_exceeded(length):
            self.rejection = Rejection(413, self._limit.bytes)

    async def receive(self) -> Message:
        """Return the server's next message; a disconnection instead of what is too much or comes too late."""
        if self._has_ended:
            return await self._receive()  # waits, for as long as the answer takes, until the client goes away
        try:
            async with asyncio.timeout_at(min(self._end, self._now() + self._longest_pause)):
                message = await self._receive()
        except TimeoutError:
            self.rejection = Rejection(408, self._limit.bytes)
        else:
            self._has_ended = not message.get("more_body", False)
            self._size += len(message.get("body", b""))
            await self.check_length(self._size)
        return {"type": "http.disconnect"} if self.rejection else message

    async def linger(self) -> None:
        """Drop some of what the client still sends, so that it reads the answer."""
        dropped = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._has_ended and dropped < LINGER_BYTES:
                    message = await self._receive()
                    dropped += len(message.get("body", b""))
                    self._has_ended = not message.get("more_body", False)

    @property
    def _end(self) -> float:
        return self._deadline + (self._size / MIN_UPLOAD_RATE if self._limit.is_of_upload else 0)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def max_bytes(scope: Scope) -> int:
    """Return the usual most bytes of a body, by the request's method and path."""
    largest: int = min(
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.ENV.max_body_bytes or USUAL_BYTES, MAX_USUAL_BYTES
    )
    if scope["method"] in BODILESS:
        return min(largest, MAX_BODILESS_BYTES)
    return largest if own_path(scope).startswith(LARGE) else min(largest, MAX_FORM_BYTES)


def own_path(scope: Scope) -> str:
    """Return the path without the prefix below which the site is served."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def declared_length(scope: Scope) -> int:
    """Return the header Content-Length; 0 without one, as with `Transfer-Encoding: chunked`."""
    digits = next((value for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), b"0")
    return int(digits) if len(digits) < MAX_DIGITS else 10**MAX_DIGITS


def without_length(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]


def receive_nothing() -> Receive:
    """Return a `receive` that gives an empty body, and then waits: nobody looks whether the client is still there."""
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not messages:
            await asyncio.get_running_loop().create_future()
        return messages.pop()

    return receive


async def keep(messages: list[Message], message: Message) -> None:
    messages.append(message)
