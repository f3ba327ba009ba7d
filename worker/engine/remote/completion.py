"""How one request is carried to the server and its answer back."""

from collections.abc import Callable

import httpx

from worker.engine.errors import PromptTooLong, RemoteUnavailable
from worker.engine.params import DEFAULT_MAX_TOKENS
from worker.engine.protocol import FinishReason, Output, Request
from worker.engine.remote.answer_stream import Answer
from worker.engine.remote.body import check_prompt, completion_body, completion_path
from worker.engine.remote.counting import can_count, ceiling, estimate, read_count, tokenize_body
from worker.engine.remote.errors import Overflow, TryAgain, refuse_in_stream
from worker.engine.remote.response_check import Promise
from worker.engine.remote.retry import exchange, persist, post
from worker.engine.remote.server import Server
from worker.engine.remote.stream import Chunk, EventReader, read_chunk
from worker.engine.request_state import Ticket

DONE = "[DONE]"


class Conversation:
    """One request for text. `send` hands over an output."""

    def __init__(
        self, client: httpx.AsyncClient, server: Server, ticket: Ticket, send: Callable[[Output], None]
    ) -> None:
        self._client = client
        self._server = server
        self._ticket = ticket
        self._send = send
        self._counted: int | None = None

    async def hold(self) -> FinishReason:
        """Ask, pass on what is answered, and say how it ended. Raises EngineError."""
        request = self._ticket.request
        check_prompt(request.prompt, self._server)
        Promise(request.params, self._server)  # says at once when a schema makes no sense
        most = await self._fit(request)
        try:
            return await self._ask(request, most)
        except Overflow as overflow:
            return await self._ask_for_less(request, most, overflow)

    async def _fit(self, request: Request) -> int:
        """Most new tokens that there is room for, as far as it is known."""
        context = self._server.context_length
        most = min(request.params.max_tokens or DEFAULT_MAX_TOKENS, context)
        if ceiling(request.prompt) + most <= context or not can_count(request.prompt, self._server):
            return most
        body = tokenize_body(request.prompt, self._server)
        try:
            self._counted = read_count(await persist(lambda: post(self._client, self._server, "tokenize", body)))
        except Overflow as overflow:
            raise overflow.error from overflow
        if self._counted is None:
            return most
        if self._counted >= context:
            raise PromptTooLong(self._counted, context)
        return min(most, context - self._counted)

    async def _ask_for_less(self, request: Request, asked: int, overflow: Overflow) -> FinishReason:
        """Ask once more for an answer that fits. Raises EngineError when no answer does."""
        context = self._server.context_length
        if overflow.prompt_tokens is not None and overflow.prompt_tokens >= context:
            raise PromptTooLong(overflow.prompt_tokens, context) from overflow
        room = context - (overflow.prompt_tokens or estimate(request.prompt))
        if not 0 < room < asked:
            raise overflow.error from overflow
        try:
            return await self._ask(request, room)
        except Overflow as again:
            raise again.error from again

    async def _ask(self, request: Request, most: int) -> FinishReason:
        body = completion_body(request, self._server, most)
        return await persist(
            lambda: self._attempt(request, body), may_repeat=lambda: not self._ticket.completion_tokens
        )

    async def _attempt(self, request: Request, body: dict[str, object]) -> FinishReason:
        path = completion_path(request.prompt)
        async with exchange(self._client, self._server, path, body) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                raise RemoteUnavailable("The model server did not stream its answer.")
            self._ticket.prompt_tokens = self._counted or estimate(request.prompt)
            return await self._listen(response, path)

    async def _listen(self, response: httpx.Response, path: str) -> FinishReason:
        reader, answer = EventReader(), Answer(self._ticket, Promise(self._ticket.request.params, self._server))
        over = False
        async for block in response.aiter_bytes():
            events = list(reader.feed(block))
            over = DONE in events
            self._pass_on(answer, events, path)
            if self._ticket.canceled:
                return "canceled"
            if self._ticket.stop.found:
                return "stop"
            if over:
                break
        if not over and (rest := reader.flush()):
            over = rest == DONE
            self._pass_on(answer, [rest], path)
        if answer.reason is None and not over:
            raise TryAgain(RemoteUnavailable("The model server broke off in the middle of its answer."))
        if output := answer.end():
            self._send(output)
        return answer.reason or "stop"

    def _pass_on(self, answer: Answer, events: list[str], path: str) -> None:
        """Send what came at once, up to the first fault, and raise that."""
        chunks: list[Chunk] = []
        fault: Exception | None = None
        for event in events:
            if event == DONE or fault:
                break
            try:
                chunks.append(read_chunk(event))
            except RemoteUnavailable as error:
                fault = error
            else:
                if chunks[-1].error is not None:
                    fault = refuse_in_stream(self._server, chunks.pop().error, path=path)
        if output := answer.take(chunks):
            self._send(output)
        if fault:
            raise fault
