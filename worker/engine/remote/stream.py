"""Parses a streamed response: from bytes to server-sent events to chunks of text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gptstore.sdk.logprobs import TokenLogprob
from gptstore.sdk.openai_logprobs import read_logprobs
from worker.engine.errors import RemoteUnavailable
from worker.engine.protocol import FinishReason, Usage

MAX_EVENT_BYTES = 4 * 2**20
_REASONS: dict[str, FinishReason] = {"length": "length", "max_tokens": "length"}
_FAILURES = frozenset({"content_filter", "error", "abort"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a response.

    error: an error that the server sent instead. usage: of the whole response so far.
    thoughts: those that the server itself takes out of the text.
    """

    text: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    reason: FinishReason | None = None
    usage: Usage | None = None
    error: Any = None
    thoughts: str = ""


class EventReader:
    """Splits a stream into server-sent events, wherever the borders between reads fall.

    See https://html.spec.whatwg.org/multipage/server-sent-events.html; only `data` matters here.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[str] = []

    def feed(self, block: bytes) -> Iterator[str]:
        """Yield the data of each event that is complete now. Raises RemoteUnavailable for one without an end."""
        searched = len(self._rest)
        self._rest += block
        begin = 0
        while (end := self._rest.find(b"\n", max(begin, searched))) >= 0:
            line = bytes(self._rest[begin:end]).removesuffix(b"\r")
            begin = end + 1
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" ").decode(errors="replace"))
            elif not line and self._data:
                yield self.flush()
        del self._rest[:begin]
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise RemoteUnavailable(f"The model server sent an event of more than {MAX_EVENT_BYTES // 2**20} MiB.")

    def flush(self) -> str:
        """Return the data of the event that has begun, which may be none."""
        data, self._data = "\n".join(self._data), []
        return data


def read_chunk(data: str) -> Chunk:
    """Parse one event of a chat or a plain completion. Raises RemoteUnavailable for anything else."""
    try:
        event = json.loads(data)
        if event.get("error"):
            return Chunk(error=event["error"])
        choice: dict[str, Any] = next(iter(event.get("choices") or ()), {})
        delta = choice.get("delta") or {}
        text = choice.get("text") or delta.get("content") or ""
        reason = choice.get("finish_reason")
        logprobs, usage = read_logprobs(choice.get("logprobs")), _usage(event.get("usage"))
        chunk = Chunk(str(text), logprobs, _reason(reason), usage, thoughts=read_thoughts(delta))
        return chunk if reason not in _FAILURES else Chunk(error=f"the answer was ended by {reason}")
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise RemoteUnavailable("The model server sent something that is not an answer.") from error


def read_thoughts(message: dict[str, Any]) -> str:
    """Return the thoughts of a message, under either of the names in use."""
    return str(message.get("reasoning_content") or message.get("reasoning") or "")


def _reason(name: str | None) -> FinishReason | None:
    return None if name is None else _REASONS.get(name, "stop")


def _usage(fields: Any) -> Usage | None:
    if not fields:
        return None
    cached = (fields.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(int(fields.get("prompt_tokens") or 0), int(fields.get("completion_tokens") or 0), int(cached))
