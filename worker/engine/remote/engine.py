"""An engine whose model runs on another server: one thread, one event loop, a connection for each running request."""

import asyncio
import logging
from functools import partial
from threading import Event, Lock, Thread, current_thread
from time import monotonic

import httpx

from worker.engine.errors import DeadlineExceeded, EngineError, EngineStopped
from worker.engine.loop.turns import Turns
from worker.engine.prompt_check import check_prompt
from worker.engine.prompt_size import can_fit, characters, check_counted_size, check_prompt_size
from worker.engine.protocol import Engine, EngineStats, FinishReason, ModelInfo, Output, Prompt, Request, Sink
from worker.engine.rate import Rate
from worker.engine.remote.completion import Completion
from worker.engine.remote.counting import can_count, estimate, read_count, tokenize_body
from worker.engine.remote.errors import ContextOverflow, RetryLater
from worker.engine.remote.escaping import escape_prompt, escape_request
from worker.engine.remote.limiter import Limiter
from worker.engine.remote.retry import certificates, post_now, timeouts
from worker.engine.remote.scoring import score
from worker.engine.remote.server import Server
from worker.engine.request_state import RequestState

logger = logging.getLogger(__name__)

Task = asyncio.Task[FinishReason]

MAX_COUNTS = 8
"""Texts that the server counts at a time: more would keep its processor from making answers."""


class RemoteEngine(Engine):
    """Passes requests on to a server. `connect.open_remote` returns one.

    concurrency: the most requests at the server at a time; further ones take turns by group.
    silence_s: seconds without a byte after which a response has failed.
    """

    def __init__(self, server: Server, *, concurrency: int = 256, silence_s: float = 120.0) -> None:
        self._server = server
        self._info = ModelInfo(
            server.model,
            server.context_length,
            server.is_chat,
            parameters=0,
            device="remote",
            dtype="unknown",
            thinking=server.thinking,
        )
        self._limiter = Limiter(concurrency)
        self._turns = Turns(MAX_COUNTS)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=concurrency)
        trust, waits = certificates(server), timeouts(silence_s)
        self._counter = httpx.Client(headers=server.headers, timeout=waits, limits=limits, verify=trust)
        self._client = httpx.AsyncClient(headers=server.headers, timeout=waits, limits=limits, verify=trust)
        self._lock = Lock()  # guards what follows
        self._unfinished: dict[str, RequestState] = {}
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
        state = RequestState(escape_request(request), sink)
        with self._lock:
            if request.id in self._unfinished:
                raise ValueError(f"A request with the id {request.id!r} is unfinished.")
            stopped = self._stopping
            if not stopped:
                self._unfinished[request.id] = state
                self._loop.call_soon_threadsafe(self._begin, state)
        if stopped:
            _send(sink, state.finish("error", EngineStopped()))

    def cancel(self, request_id: str) -> None:
        with self._lock:
            state = self._unfinished.get(request_id)
            if state and not state.canceled and not self._stopping:
                state.canceled = True
                self._loop.call_soon_threadsafe(self._cancel_task, state)

    def count_tokens(self, prompt: Prompt, *, group: str = "") -> int:
        """Count with the server's /tokenize, which vLLM has. Elsewhere, and where it can't fit, estimate.

        Groups take turns, in proportion to the length of their texts.
        """
        check_counted_size(prompt, self.info.context_length)
        prompt = escape_prompt(prompt)
        check_prompt(prompt, is_chat=self._server.is_chat)
        if not can_count(prompt, self._server) or not can_fit(prompt, self.info.context_length):
            return estimate(prompt)
        try:
            with self._turns.take(group, characters(prompt)):
                answer = post_now(self._counter, self._server, "tokenize", tokenize_body(prompt, self._server))
        except (RetryLater, ContextOverflow) as failure:
            raise failure.error from failure
        count = read_count(answer)
        return estimate(prompt) if count is None else count

    def stats(self) -> EngineStats:
        with self._lock:
            running = sum(state.started_at is not None for state in self._unfinished.values())
            return EngineStats(
                waiting=len(self._unfinished) - running,
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
        for state in list(self._unfinished.values()):  # their tasks had not begun
            self._end(state, "error", EngineStopped())
        await self._client.aclose()
        await self._loop.shutdown_asyncgens()

    def _begin(self, state: RequestState) -> None:
        task = self._loop.create_task(self._serve(state))
        self._tasks[state.request.id] = task
        task.add_done_callback(partial(self._on_done, state))  # also runs for a task that was canceled before it began

    def _cancel_task(self, state: RequestState) -> None:
        if self._unfinished.get(state.request.id) is state:
            self._tasks[state.request.id].cancel()

    async def _serve(self, state: RequestState) -> FinishReason:
        request = state.request
        check_prompt_size(request.prompt, request.continuation, self.info.context_length)
        try:
            async with asyncio.timeout_at(state.deadline), self._limiter.slot(request.group, request.weight):
                state.start()
                if request.continuation is not None:
                    return await self._score(state, request.continuation)
                return await Completion(self._client, self._server, state, partial(self._pass_on, state)).run()
        except TimeoutError as error:
            raise DeadlineExceeded(request.timeout_s or 0) from error

    async def _score(self, state: RequestState, continuation: str) -> FinishReason:
        found, state.prompt_tokens = await score(self._client, self._server, state.request.prompt, continuation)
        _send(state.sink, Output(state.request.id, "", 0, scores=found))
        return "stop"

    def _pass_on(self, state: RequestState, output: Output) -> None:
        now = monotonic()
        with self._lock:
            since = max(self._counted_at, state.started_at or now)
            self._rate.add(output.tokens, now - since)
            self._counted_at = now
        _send(state.sink, output)

    def _on_done(self, state: RequestState, task: Task) -> None:
        """Finish the request of a task, whatever its end."""
        failure = None if task.cancelled() else task.exception()
        if task.cancelled():
            canceled = state.canceled and not self._stopping
            self._end(state, "canceled" if canceled else "error", None if canceled else EngineStopped())
        elif failure is None:
            self._end(state, task.result())
        elif isinstance(failure, EngineError):
            self._end(state, "error", failure)
        else:
            logger.error("request failed", exc_info=failure, extra={"request_id": state.request.id})
            self._end(state, "error", EngineError("The engine failed on this request."))

    def _end(self, state: RequestState, reason: FinishReason, error: EngineError | None = None) -> None:
        with self._lock:
            del self._unfinished[state.request.id]
            self._tasks.pop(state.request.id, None)
            self._finished += 1
            self._prompt_tokens += state.prompt_tokens
            self._cached_tokens += state.cached_tokens
            self._completion_tokens += state.completion_tokens
        _send(state.sink, state.finish(reason, error))


def _send(sink: Sink, output: Output) -> None:
    try:
        sink([output])
    except Exception:
        logger.exception("sink failed", extra={"request_ids": [output.request_id]})
