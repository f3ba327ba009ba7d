"""A small model server with vLLM's dialect of OpenAI's API, which can be told to misbehave. Words are its tokens."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from threading import Event, Thread
from typing import Any

STORY = ["Once ", "upon ", "a time ", "a 小 fox ", "😀 ", "ran. "]
PACE_S = 0.002
MODEL = "story-1b"


@dataclass
class Call:
    """One request that came in, and the way to answer it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    left: Event = field(default_factory=Event)

    async def reply(self, status: int, answer: Any, **headers: str) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        await self.raw(
            head(status, "application/json", **headers), f"Content-Length: {len(text.encode())}\r\n\r\n{text}"
        )

    async def raw(self, *texts: str) -> None:
        self.writer.write("".join(texts).encode())
        await self.writer.drain()

    async def stream(self, *events: Any) -> None:
        """Begin a streamed answer and send these events."""
        await self.raw(head(200, "text/event-stream"), "Transfer-Encoding: chunked\r\n\r\n")
        for event in events:
            await self.event(event)

    async def event(self, event: Any) -> None:
        text = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n"
        await self.raw(f"{len(text.encode()):x}\r\n{text}\r\n")

    async def end(self) -> None:
        await self.raw("0\r\n\r\n")

    async def hang(self) -> None:
        """Say nothing until the client goes away."""
        await self.reader.read()
        self.left.set()

    async def cut(self) -> None:
        self.writer.transport.abort()


Fault = Callable[[Call], Awaitable[None]]


class ModelServer:
    """Serves on a thread of its own. `faults`: what to do instead of answering the next completions.

    prompt: makes the text of a prompt from a request with messages, as a chat template does; a ValueError refuses it.
    story: the pieces of each answer; None: the usual story without an end. refused: fields that it refuses.
    """

    def __init__(self, *, port: int = 0, owner: str = "vllm", context_length: int = 128, key: str = "") -> None:
        self.owner, self.context_length, self.key = owner, context_length, key
        self.has = {"models", "tokenize", "chat/completions", "completions"}
        self.names = [MODEL]
        self.pieces_in_chunk = 1
        self.max_tokenized = 1_000_000
        self.gives_usage = self.gives_logprobs = self.is_constrained = True
        self.prompt: Callable[[dict[str, Any]], str] | None = None
        self.story: list[str] | None = None
        self.refused: set[str] = set()
        self.faults: deque[Fault] = deque()
        self.calls: list[Call] = []
        self.open = 0
        self._wanted_port = port
        self._loop = asyncio.new_event_loop()
        self._serving = Event()
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def completions(self) -> list[Call]:
        """Calls for text since the engine was made, which asks for one token first."""
        return [call for call in self.calls if call.path.endswith("completions") and call.body.get("stream")]

    def start(self) -> None:
        self._thread.start()
        assert self._serving.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self._wanted_port))
        self.port = server.sockets[0].getsockname()[1]
        self._serving.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        call: Call | None = None
        try:
            while call := await _read(reader, writer):
                self.calls.append(call)
                await self._answer(call)
        except (ConnectionError, asyncio.IncompleteReadError):
            if call:
                call.left.set()
        finally:
            self.open -= 1
            writer.transport.abort()

    async def _answer(self, call: Call) -> None:
        if self.key and call.headers.get("authorization") != f"Bearer {self.key}":
            return await call.reply(401, {"error": {"message": f"Wrong key, not {self.key}"}})
        if call.path not in self.has:
            return await call.reply(404, {"detail": "Not Found"})
        if call.path == "models":
            card = {"owned_by": self.owner, "max_model_len": self.context_length}
            return await call.reply(200, {"data": [{"id": name} | card for name in self.names]})
        if call.body["model"] not in self.names:
            return await call.reply(404, {"error": {"message": f"The model `{call.body['model']}` does not exist."}})
        if unknown := self.refused & call.body.keys():
            message = f"Unrecognized request argument supplied: {min(unknown)}"
            return await call.reply(400, {"error": {"message": message}})
        if call.path == "detokenize":
            return await call.reply(200, {"prompt": " ".join(call.body["tokens"])})
        try:
            words = self._words(call.body)
        except ValueError as error:
            return await call.reply(400, {"error": {"message": str(error)}})
        if call.path == "tokenize":
            if len(words) > self.max_tokenized:
                return await call.reply(400, {"message": f"The maximum model length is {self.max_tokenized} tokens."})
            return await call.reply(200, {"count": len(words), "max_model_len": self.context_length, "tokens": words})
        if self.faults and call.body.get("stream"):
            return await self.faults.popleft()(call)
        await self._complete(call)

    def _words(self, body: dict[str, Any]) -> list[Any]:
        if self.prompt and "messages" in body:
            return self.prompt(body).split()
        texts = [message["content"] for message in body["messages"]] if "messages" in body else [body["prompt"]]
        return body["prompt"] if isinstance(body.get("prompt"), list) else " ".join(texts).split()

    async def _complete(self, call: Call) -> None:
        body, count = call.body, len(self._words(call.body))
        if count + body["max_tokens"] > self.context_length:
            message = (
                f"This model's maximum context length is {self.context_length} tokens. However, you requested "
                f"too many ({count} in the messages, {body['max_tokens']} in the completion)."
            )
            return await call.reply(400, {"object": "error", "message": message, "code": 400})
        if body.get("echo"):
            return await self._echo(call)
        if not body.get("stream"):
            text = "".join(self._pieces(body))
            choice = {"text": text, "message": {"role": "assistant", "content": text}}
            return await call.reply(200, {"choices": [choice], "usage": _usage(count, body["max_tokens"])})
        await call.stream()
        leaving = asyncio.create_task(call.hang())
        try:
            async for event in self._events(call, count):
                await call.event(event)
                await asyncio.wait([leaving], timeout=PACE_S)
                if call.left.is_set():
                    return
        finally:
            leaving.cancel()
            await asyncio.wait([leaving])
        await call.event("[DONE]")
        await call.end()

    async def _echo(self, call: Call) -> None:
        words = self._words(call.body)
        offsets = [sum(len(str(word)) + 1 for word in words[:number]) for number in range(len(words) + 1)]
        logprobs = {
            "token_logprobs": [None, *(-number / 8 for number in range(1, len(words) + 1))],
            "text_offset": offsets,
        }
        await call.reply(200, {"choices": [{"text": "", "logprobs": logprobs if self.gives_logprobs else None}]})

    async def _events(self, call: Call, count: int) -> Any:
        body, is_chat = call.body, call.path.startswith("chat")
        if is_chat:
            yield _event(is_chat, {"role": "assistant", "content": ""})
        made = 0
        for pieces in _batches(self._pieces(body), self.pieces_in_chunk):
            made += len(pieces)
            logprobs = _logprobs(is_chat, pieces) if body.get("logprobs") and self.gives_logprobs else None
            event = _event(is_chat, "".join(pieces), logprobs=logprobs)
            if body["stream_options"].get("continuous_usage_stats") and self.gives_usage:
                event["usage"] = _usage(count, made)
            yield event
        reason = "length" if made == body["max_tokens"] else "stop"
        yield _event(is_chat, "", reason=reason)
        if self.gives_usage:
            yield {"choices": [], "usage": _usage(count, made)}

    def _pieces(self, body: dict[str, Any]) -> Iterator[str]:
        wanted = body.get("structured_outputs", {}).get("choice") if self.is_constrained else None
        if "response_format" in body and self.is_constrained:
            wanted = ['{"n": 1}']
        endless = cycle(STORY) if self.story is None else self.story
        story: Iterator[str] = iter(wanted[-1]) if wanted else iter(endless)
        return islice(story, body["max_tokens"])


@contextmanager
def serving(**options: Any) -> Iterator[ModelServer]:
    server = ModelServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def head(status: int, kind: str, **headers: str) -> str:
    lines = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    return f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call | None:
    first = await reader.readline()
    if not first:
        return None
    headers = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    path = first.decode().split()[1].removeprefix("/").removeprefix("v1/")
    return Call(path, headers, json.loads(body) if body else {}, reader, writer)


def _batches(pieces: Iterator[str], number: int) -> Iterator[list[str]]:
    while batch := list(islice(pieces, number)):
        yield batch


def _event(is_chat: bool, text: Any, *, reason: str | None = None, logprobs: Any = None) -> dict[str, Any]:
    said = {"delta": {"content": text} if isinstance(text, str) else text} if is_chat else {"text": text}
    return {"choices": [{"index": 0, **said, "finish_reason": reason, "logprobs": logprobs}]}


def _logprobs(is_chat: bool, pieces: list[str]) -> dict[str, Any]:
    """The likeliest token is the first byte of a character; the second one has no chance."""
    if not is_chat:
        top = {"b": float("-inf"), "bytes:\\xe4": -0.25}
        return {"tokens": pieces, "token_logprobs": [-0.5] * len(pieces), "top_logprobs": [top] * len(pieces)}
    others = [
        {"token": "\\xe4", "bytes": [0xE4], "logprob": -0.25},
        {"token": "b", "bytes": None, "logprob": float("-inf")},
    ]
    return {"content": [{"token": piece, "logprob": -0.5, "top_logprobs": others} for piece in pieces]}


def _usage(prompt: int, made: int) -> dict[str, Any]:
    cached = {"cached_tokens": prompt // 2}
    return {"prompt_tokens": prompt, "completion_tokens": made, "prompt_tokens_details": cached}
