"""An engine whose model runs on another server: one thread, one event loop, a connection for each running request."""

import asyncio
import logging
from functools import partial
from threading import Event, Lock, Thread, current_thread
from time import monotonic

import httpx

from worker.engine.errors import DeadlineExceeded, EngineError, EngineStopped
from worker.engine.protocol import Engine, EngineStats, FinishReason, ModelInfo, Output, Prompt, Request, Sink
from worker.engine.rate import Rate
from worker.engine.remote.body import check_prompt
from worker.engine.remote.completion import Conversation
from worker.engine.remote.counting import can_count, estimate, read_count, tokenize_body
from worker.engine.remote.errors import Overflow, TryAgain
from worker.engine.remote.limiter import Places
from worker.engine.remote.retry import post_now, timeouts, trusted
from worker.engine.remote.scoring import score
from worker.engine.remote.server import Server
from worker.engine.request_state import Ticket

logger = logging.getLogger(__name__)

Task = asyncio.Task[FinishReason]


class RemoteEngine(Engine):
    """Passes requests on to a server. Made by `connect.open_remote`.

    concurrency: most requests that are with the server at a time; further ones take turns by group.
    silence_s: a server that says nothing for so long has failed.
    """

    def __init__(self, server: Server, *, concurrency: int = 256, silence_s: float = 120.0) -> None:
        self._server = server
        self._info = ModelInfo(
            server.model, server.context_length, server.is_chat, parameters=0, device="remote", dtype="unknown"
        )
        self._places = Places(concurrency)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=concurrency)
        trust, waits = trusted(server), timeouts(silence_s)
        self._counter = httpx.Client(headers=server.headers, timeout=waits, limits=limits, verify=trust)
        self._client = httpx.AsyncClient(headers=server.headers, timeout=waits, limits=limits, verify=trust)
        self._lock = Lock()  # guards what follows
        self._tickets: dict[str, Ticket] = {}
        self._tasks: dict[str, Task] = {}
        self._stopping = False
        self._finished = self._prompt_tokens = self._cached_tokens = self._completion_tokens = 0
        self._rate = Rate()
        self._counted_at = 0.0
        self._loop = asyncio.new_event_loop()
        self._ready = Event()
        self._thread = Thread(target=self._run, name="remote-engine", daemon=True)
        self._thread.start()
        self._ready.wait()

    @property
    def info(self) -> ModelInfo:
        return self._info

    def submit(self, request: Request, sink: Sink) -> None:
        ticket = Ticket(request, sink)
        with self._lock:
            if request.id in self._tickets:
                raise ValueError(f"A request with the id {request.id!r} is unfinished.")
            stopped = self._stopping
            if not stopped:
                self._tickets[request.id] = ticket
                self._loop.call_soon_threadsafe(self._begin, ticket)
        if stopped:
            _send(sink, ticket.finish("error", _stopped()))

    def cancel(self, request_id: str) -> None:
        with self._lock:
            ticket = self._tickets.get(request_id)
            if ticket and not ticket.canceled and not self._stopping:
                ticket.canceled = True
                self._loop.call_soon_threadsafe(self._break_off, ticket)

    def count_tokens(self, prompt: Prompt) -> int:
        """Asks the server's /tokenize, which vLLM has; elsewhere an estimate that is rather too high."""
        check_prompt(prompt, self._server)
        if not can_count(prompt, self._server):
            return estimate(prompt)
        try:
            answer = post_now(self._counter, self._server, "tokenize", tokenize_body(prompt, self._server))
        except (TryAgain, Overflow) as failure:
            raise failure.error from failure
        count = read_count(answer)
        return estimate(prompt) if count is None else count

    def stats(self) -> EngineStats:
        with self._lock:
            running = sum(ticket.started_at is not None for ticket in self._tickets.values())
            return EngineStats(
                waiting=len(self._tickets) - running,
                running=running,
                finished=self._finished,
                prompt_tokens=self._prompt_tokens,
                completion_tokens=self._completion_tokens,
                tokens_per_second=self._rate.per_second(),
                cached_tokens=self._cached_tokens,
            )

    def close(self) -> None:
        with self._lock:
            if not self._stopping:
                self._stopping = True
                self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not current_thread():
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.call_soon(self._ready.set)
        try:
            self._loop.run_forever()
        finally:
            with self._lock:
                self._stopping = True
            self._loop.run_until_complete(self._shut_down())
            self._loop.close()
            self._counter.close()

    async def _shut_down(self) -> None:
        for task in list(self._tasks.values()):
            if not task.cancelling():
                task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))
        for ticket in list(self._tickets.values()):  # their tasks had not begun
            self._end(ticket, "error", _stopped())
        await self._client.aclose()
        await self._loop.shutdown_asyncgens()

    def _begin(self, ticket: Ticket) -> None:
        task = self._loop.create_task(self._serve(ticket))
        self._tasks[ticket.request.id] = task
        task.add_done_callback(partial(self._settle, ticket))  # also runs for a task that was canceled before it began

    def _break_off(self, ticket: Ticket) -> None:
        if self._tickets.get(ticket.request.id) is ticket:
            self._tasks[ticket.request.id].cancel()

    async def _serve(self, ticket: Ticket) -> FinishReason:
        request = ticket.request
        try:
            async with asyncio.timeout_at(ticket.deadline), self._places.one(request.group, request.weight):
                ticket.start()
                if request.continuation is not None:
                    return await self._score(ticket, request.continuation)
                return await Conversation(self._client, self._server, ticket, partial(self._pass_on, ticket)).hold()
        except TimeoutError as error:
            message = f"The model had {request.timeout_s:g} seconds for this request, and they are over."
            raise DeadlineExceeded(message) from error

    async def _score(self, ticket: Ticket, continuation: str) -> FinishReason:
        found, ticket.prompt_tokens = await score(self._client, self._server, ticket.request.prompt, continuation)
        _send(ticket.sink, Output(ticket.request.id, "", 0, logprobs=found))
        return "stop"

    def _pass_on(self, ticket: Ticket, output: Output) -> None:
        now = monotonic()
        with self._lock:
            since = max(self._counted_at, ticket.started_at or now)
            self._rate.add(output.tokens, now - since)
            self._counted_at = now
        _send(ticket.sink, output)

    def _settle(self, ticket: Ticket, task: Task) -> None:
        """Say how a task ended, whatever it was."""
        failure = None if task.cancelled() else task.exception()
        if task.cancelled():
            canceled = ticket.canceled and not self._stopping
            self._end(ticket, "canceled" if canceled else "error", None if canceled else _stopped())
        elif failure is None:
            self._end(ticket, task.result())
        elif isinstance(failure, EngineError):
            self._end(ticket, "error", failure)
        else:
            logger.error("request failed", exc_info=failure, extra={"request_id": ticket.request.id})
            self._end(ticket, "error", EngineError("The engine failed on this request."))

    def _end(self, ticket: Ticket, reason: FinishReason, error: EngineError | None = None) -> None:
        with self._lock:
            del self._tickets[ticket.request.id]
            self._tasks.pop(ticket.request.id, None)
            self._finished += 1
            self._prompt_tokens += ticket.prompt_tokens
            self._cached_tokens += ticket.cached_tokens
            self._completion_tokens += ticket.completion_tokens
        _send(ticket.sink, ticket.finish(reason, error))


def _stopped() -> EngineStopped:
    return EngineStopped("The engine was stopped before the request was finished.")


def _send(sink: Sink, output: Output) -> None:
    try:
        sink([output])
    except Exception:
        logger.exception("sink failed", extra={"request_ids": [output.request_id]})
