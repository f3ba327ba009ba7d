"""HTTP exchanges with the server, and their retries."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from ssl import SSLContext
from typing import Any, TypeVar

import httpx

from worker.engine.errors import BadRequest, RemoteUnavailable
from worker.engine.remote.errors import RetryLater, error_in_response
from worker.engine.remote.server import Server

RETRIES = 4
_FIRST_PAUSE_S = 0.5
_MAX_WAIT_S = 60.0
_MAX_ERROR_BYTES = 64 * 2**10
_MAX_RESPONSE_BYTES = 64 * 2**20
T = TypeVar("T")
_closing: set[asyncio.Future[None]] = set()  # a loop keeps no task alive by itself


def timeouts(silence_s: float) -> httpx.Timeout:
    """Return timeouts: 5 seconds to connect, and `silence_s` without a byte of the response."""
    return httpx.Timeout(silence_s, connect=min(5.0, silence_s), pool=None)


def certificates(server: Server) -> SSLContext | bool:
    """Return the trusted certificates: httpx's choice; none are read for plain HTTP, since that takes a while."""
    return httpx.create_ssl_context() if server.url.startswith("https:") else False


@asynccontextmanager
async def exchange(
    client: httpx.AsyncClient, server: Server, path: str, body: dict[str, Any]
) -> AsyncIterator[httpx.Response]:
    """Post, and yield the response when it is a success; it is closed at the end.

    Raises RetryLater, ContextOverflow or EngineError.
    """
    try:
        response = await client.send(_request(client, server, path, body), stream=True)
        try:
            if response.status_code != 200:
                text = await _read_error(response)
                retry_after = response.headers.get("retry-after")
                raise error_in_response(server, response.status_code, text, path=path, retry_after=retry_after)
            yield response
        finally:
            await _close(response)
    except httpx.RequestError as error:
        raise error_in_connection(error) from error


def error_in_connection(error: httpx.RequestError) -> Exception:
    """Return the error for a failure of the connection: RetryLater or RemoteUnavailable."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return RetryLater(RemoteUnavailable("The model server can't be reached."))
    if isinstance(error, httpx.TimeoutException):
        return RemoteUnavailable("The model server said nothing for too long. See GPTSTORE_ENGINE_TIMEOUT_SECONDS.")
    return RetryLater(RemoteUnavailable("The model server broke off the connection."))


async def post(client: httpx.AsyncClient, server: Server, path: str, body: dict[str, Any]) -> Any:
    """Post and return the response's JSON. Raises RetryLater, ContextOverflow or EngineError."""
    read = bytearray()
    async with exchange(client, server, path, body) as response:
        async for block in response.aiter_bytes():
            _append(read, block)
    return read_json(read)


def post_now(client: httpx.Client, server: Server, path: str, body: dict[str, Any]) -> Any:
    """Post on this thread and return the response's JSON. Raises RetryLater, ContextOverflow or EngineError."""
    read = bytearray()
    try:
        response = client.send(_request(client, server, path, body), stream=True)
        with closing(response):
            for block in response.iter_bytes():
                _append(read, block)
    except httpx.RequestError as error:
        raise error_in_connection(error) from error
    if response.status_code != 200:
        retry_after, text = response.headers.get("retry-after"), read[:_MAX_ERROR_BYTES].decode(errors="replace")
        raise error_in_response(server, response.status_code, text, path=path, retry_after=retry_after)
    return read_json(read)


def _append(read: bytearray, block: bytes) -> None:
    """Append a block of a response. Raises RemoteUnavailable when that becomes too long to be read at once."""
    read += block
    if len(read) > _MAX_RESPONSE_BYTES:
        raise RemoteUnavailable(f"The model server sent a response of more than {_MAX_RESPONSE_BYTES >> 20} MiB.")


def read_json(read: bytes | bytearray) -> Any:
    try:
        return json.loads(read)
    except (ValueError, RecursionError) as error:
        raise RemoteUnavailable("The model server sent something that is not JSON.") from error


async def retry(attempt: Callable[[], Awaitable[T]], *, may_repeat: Callable[[], bool] = lambda: True) -> T:
    """Try, and retry up to `RETRIES` times while `may_repeat`, with backoff. Raises the last EngineError."""
    for number in range(RETRIES + 1):
        try:
            return await attempt()
        except RetryLater as again:
            pause = again.after_s if again.after_s is not None else _FIRST_PAUSE_S * 2**number
            if number == RETRIES or pause > _MAX_WAIT_S or not may_repeat():
                raise again.error from again
        await asyncio.sleep(pause * random.uniform(1.0, 1.25))  # jitter, so that many do not come back at once
    raise AssertionError("the last round returns or raises")


def _request(
    client: httpx.Client | httpx.AsyncClient, server: Server, path: str, body: dict[str, Any]
) -> httpx.Request:
    try:
        return client.build_request("POST", server.path(path), json=body)
    except UnicodeEncodeError as error:
        raise BadRequest("The request holds half a character, which can't be sent.") from error


async def _close(response: httpx.Response) -> None:
    """Close, even when canceled meanwhile: else the connection would stay open, and the server at work."""
    closing = asyncio.ensure_future(response.aclose())
    _closing.add(closing)
    closing.add_done_callback(_closing.discard)
    await asyncio.shield(closing)


async def _read_error(response: httpx.Response) -> str:
    read = bytearray()
    async for block in response.aiter_bytes():
        read += block
        if len(read) > _MAX_ERROR_BYTES:
            break
    return read[:_MAX_ERROR_BYTES].decode(errors="replace")
