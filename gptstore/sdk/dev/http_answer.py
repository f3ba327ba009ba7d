"""Reads an answer from a server while it arrives."""

from __future__ import annotations

import json
import socket
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

from gptstore.sdk.answer import Thoughts, logprobs_of, with_logprobs
from gptstore.sdk.answer_tokens import AnswerTokens
from gptstore.sdk.dev.http_body import CHOICE
from gptstore.sdk.dev.http_server import read_message
from gptstore.sdk.host.errors import ModelRefused
from gptstore.sdk.logprobs import TokenLogprob
from gptstore.sdk.openai_logprobs import read_logprobs

_DONE = "[DONE]"
_REFUSED = frozenset({400, 404, 405, 413, 422})
_TOO_LONG = "context_length_exceeded"


class HttpAnswer(Iterator[str]):
    """The pieces of one answer. `cancel` closes the connection, by which a server ends it.

    usage: tokens of the prompt and of the answer, once the server has sent them. stops: the answer ends before the
    first of them, also where the server does not look for it. is_wrapped: it is an object around a choice. logprobs: as
    in a call.
    """

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        body: dict[str, Any],
        stops: tuple[str, ...] = (),
        *,
        is_wrapped: bool = False,
        logprobs: int | None = None,
    ) -> None:
        self.usage: tuple[int, int] | None = None
        self._client = client
        self._url = url
        self._body = body
        self._response: httpx.Response | None = None
        self._canceled = False
        self._logprobs = logprobs
        self._has_logprobs = False
        self._pieces = unwrapped(self._read()) if is_wrapped else cut_at_stops(self._read(), stops)

    def __next__(self) -> str:
        return next(self._pieces)

    def cancel(self) -> None:
        """End the answer, from any thread: whoever reads it now gets its end."""
        self._canceled = True
        if (response := self._response) is not None:
            stream = response.extensions.get("network_stream")
            connection = stream.get_extra_info("socket") if stream is not None else None
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the answer."""
        self._canceled = True
        self._pieces.close()

    def _read(self) -> Iterator[str]:
        try:
            with self._client.stream("POST", self._url, json=self._body) as response:
                self._response = response
                if response.status_code != 200:
                    response.read()
                    raise refused(response)
                if self._canceled:
                    return
                for sent in EventSource(response).iter_sse():
                    if sent.data == _DONE:
                        return
                    yield from self._pieces_of(read_event(sent.data))
        except (httpx.HTTPError, SSEError) as error:
            if not self._canceled:
                reason = str(error) or type(error).__name__
                raise ModelRefused("engine_error", f"The model's server broke off ({reason}).") from None

    def _pieces_of(self, event: dict[str, Any]) -> Iterator[str]:
        usage = event.get("usage")
        if isinstance(usage, dict):
            self.usage = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        for choice in (event.get("choices") or ())[:1]:
            delta = choice.get("delta") or {}
            if thoughts := delta.get("reasoning_content") or delta.get("reasoning"):
                yield Thoughts(thoughts)
            if text := choice.get("text") or delta.get("content"):
                yield with_logprobs(str(text), self._logprobs_of(choice))

    def _logprobs_of(self, choice: dict[str, Any]) -> tuple[TokenLogprob, ...]:
        """Return the log-probabilities that were asked for. Raises ModelRefused where the server gives none."""
        if self._logprobs is None:
            return ()
        with suppress(ValueError, TypeError, LookupError, AttributeError):
            found = read_logprobs(choice.get("logprobs"), self._logprobs)
            self._has_logprobs |= bool(found)
            if self._has_logprobs:  # a text may be the rest of a token that came before
                return found
        raise ModelRefused("bad_request", "The model's server gives no log-probabilities.")


def read_event(data: str) -> dict[str, Any]:
    """Return one event of a stream. Raises ModelRefused for an error, and for what is no answer."""
    try:
        event = json.loads(data)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise ModelRefused("engine_error", "The model's server sent something that is no answer.")
    if error := event.get("error"):
        message = error.get("message") if isinstance(error, dict) else error
        raise ModelRefused("engine_error", f"The model's server says: {message}")
    return event


def refused(response: httpx.Response) -> ModelRefused:
    """Return the error of a request that a server does not take."""
    message = f"The model's server says: {read_message(response)}"
    if _TOO_LONG in response.text or "context length" in response.text:
        return ModelRefused("prompt_too_long", message)
    return ModelRefused("bad_request" if response.status_code in _REFUSED else "engine_error", message)


def cut_at_stops(pieces: Iterator[str], stops: tuple[str, ...]) -> Generator[str, None, None]:
    """Pass the pieces on, up to the first of these strings. Held back is what may be the beginning of one."""
    held, longest = "", max(map(len, stops), default=1)
    tokens = AnswerTokens()
    for piece in pieces:
        if not stops or isinstance(piece, Thoughts):
            yield piece
            continue
        held += piece
        tokens.add(piece, piece, logprobs_of(piece))
        if found := [place for stop in stops if (place := held.find(stop)) >= 0]:
            held = held[: min(found)]
            break
        ready = len(held) - longest + 1
        if ready > 0:
            yield with_logprobs(held[:ready], tokens.send(held[:ready]))
            held = held[ready:]
    if held:
        yield with_logprobs(held, tokens.send(held))


def unwrapped(pieces: Iterator[str]) -> Generator[str, None, None]:
    """Yield the choice, once the object around it is complete."""
    text = "".join(piece for piece in pieces if not isinstance(piece, Thoughts))
    try:
        yield str(json.loads(text)[CHOICE])
    except (ValueError, LookupError, TypeError):
        yield text  # cut off, which the tool is told
