"""The completion of one request by the server: from its prompt to a streamed response."""

from collections.abc import Callable
from dataclasses import replace

import httpx

from worker.engine.answer_length import MAX_THOUGHT_TOKENS
from worker.engine.errors import BadRequest, PromptTooLong, RemoteUnavailable
from worker.engine.params import DEFAULT_MAX_TOKENS
from worker.engine.prompt_check import check_prompt
from worker.engine.protocol import FinishReason, Output, Request
from worker.engine.remote.body import completion_body, completion_path, may_think, refuses_switches, thought_filter
from worker.engine.remote.counting import can_count, ceiling, estimate, read_count, tokenize_body
from worker.engine.remote.errors import ContextOverflow, RetryLater, error_in_stream
from worker.engine.remote.response import ResponseCheck, ResponseReader
from worker.engine.remote.retry import exchange, post, retry
from worker.engine.remote.server import Server
from worker.engine.remote.stream import Chunk, EventReader, read_chunk
from worker.engine.request_state import RequestState

DONE = "[DONE]"


class Completion:
    """One request for text. `send` takes each output."""

    def __init__(
        self, client: httpx.AsyncClient, server: Server, state: RequestState, send: Callable[[Output], None]
    ) -> None:
        self._client = client
        self._server = server
        self._state = state
        self._send = send
        self._counted: int | None = None

    async def run(self) -> FinishReason:
        """Post the request, send the outputs of the response, and return how it ended. Raises EngineError."""
        request = self._state.request
        check_prompt(request.prompt, is_chat=self._server.is_chat)
        ResponseCheck(request.params, self._server)  # raises at once when a schema makes no sense
        self._state.thoughts = thought_filter(request, self._server)
        max_tokens = await self._fit(request)
        try:
            return await self._complete(request, max_tokens)
        except ContextOverflow as overflow:
            return await self._complete_shorter(request, max_tokens, overflow)

    async def _fit(self, request: Request) -> int:
        """Return the number of new tokens that there is room for, as far as it is known."""
        context = self._server.context_length
        thoughts = MAX_THOUGHT_TOKENS if may_think(request, self._server) else 0
        most = min((request.params.max_tokens or DEFAULT_MAX_TOKENS) + thoughts, context)
        if ceiling(request.prompt) + most <= context or not can_count(request.prompt, self._server):
            return most
        body = tokenize_body(request.prompt, self._server)
        try:
            self._counted = read_count(await retry(lambda: post(self._client, self._server, "tokenize", body)))
        except ContextOverflow as overflow:
            raise overflow.error from overflow
        if self._counted is None:
            return most
        if self._counted >= context:
            raise PromptTooLong(self._counted, context)
        return min(most, context - self._counted)

    async def _complete_shorter(self, request: Request, max_tokens: int, overflow: ContextOverflow) -> FinishReason:
        """Post once more, for an answer that fits. Raises EngineError when no answer does."""
        context = self._server.context_length
        if overflow.prompt_tokens is not None and overflow.prompt_tokens >= context:
            raise PromptTooLong(overflow.prompt_tokens, context) from overflow
        room = context - (overflow.prompt_tokens or estimate(request.prompt))
        if not 0 < room < max_tokens:
            raise overflow.error from overflow
        try:
            return await self._complete(request, room)
        except ContextOverflow as again:
            raise again.error from again

    async def _complete(self, request: Request, max_tokens: int) -> FinishReason:
        body = completion_body(request, self._server, max_tokens)
        try:
            return await retry(
                lambda: self._attempt(request, body), may_repeat=lambda: not self._state.completion_tokens
            )
        except BadRequest as error:
            if self._state.completion_tokens or not (self._server.takes_switches and refuses_switches(error)):
                raise
        self._server = replace(self._server, takes_switches=False)
        return await self._complete(request, max_tokens)

    async def _attempt(self, request: Request, body: dict[str, object]) -> FinishReason:
        path = completion_path(request.prompt)
        async with exchange(self._client, self._server, path, body) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                raise RemoteUnavailable("The model server did not stream its answer.")
            self._state.prompt_tokens = self._counted or estimate(request.prompt)
            return await self._read(response, path)

    async def _read(self, response: httpx.Response, path: str) -> FinishReason:
        events, reader = EventReader(), ResponseReader(self._state, self._server)
        over = False
        async for block in response.aiter_bytes():
            complete = list(events.feed(block))
            over = DONE in complete
            self._pass_on(reader, complete, path)
            if self._state.canceled:
                return "canceled"
            if self._state.stop.found:
                return "stop"
            if reader.is_full and may_think(self._state.request, self._server) and not over:
                reader.reason = "length"
                break
            if over:
                break
        if not over and reader.reason is None and (rest := events.flush()):
            over = rest == DONE
            self._pass_on(reader, [rest], path)
        if reader.reason is None and not over:
            raise RetryLater(RemoteUnavailable("The model server broke off in the middle of its answer."))
        if output := reader.finish():
            self._send(output)
        return reader.reason or "stop"

    def _pass_on(self, reader: ResponseReader, events: list[str], path: str) -> None:
        """Send the text of events that came at once, up to the first error, and raise that."""
        chunks: list[Chunk] = []
        error: Exception | None = None
        for event in events:
            if event == DONE or error:
                break
            try:
                chunks.append(read_chunk(event))
            except RemoteUnavailable as broken:
                error = broken
            else:
                if chunks[-1].error is not None:
                    error = error_in_stream(self._server, chunks.pop().error, path=path)
        if output := reader.feed(chunks):
            self._send(output)
        if error:
            raise error
