"""An engine thread that serves requests one after another, and keeps the promise of exactly one finish."""

import logging
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Condition, Event, Thread, current_thread
from time import monotonic
from typing import Literal, Protocol

from worker.engine.errors import EngineError, EngineStopped
from worker.engine.protocol import Engine, EngineStats, FinishReason, Output, Request, Sink
from worker.engine.rate import Rate
from worker.engine.ticket import Ticket

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a generation made. `reason` is set on the last one."""

    text: str
    tokens: int
    reason: Literal["stop", "length"] | None = None


class Generation(Protocol):
    """A request being served. The first step reads the prompt; each makes at most one token."""

    @property
    def prompt_tokens(self) -> int: ...

    def step(self) -> Step: ...


class SerialEngine(Engine):
    """First come, first served. A subclass says how a request is started; cancel takes effect between steps."""

    def __init__(self) -> None:
        self._changed = Condition()  # guards what follows
        self._waiting: deque[Ticket] = deque()
        self._tickets: dict[str, Ticket] = {}
        self._current: Ticket | None = None
        self._sweep_due = False
        self._stopping = False
        self._finished = self._prompt_tokens = self._completion_tokens = 0
        self._rate = Rate()
        self._prepared = Event()
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, name="engine", daemon=True)

    def launch(self) -> None:
        """Start the engine's thread and wait until it is ready. Raises what `prepare` raised."""
        self._thread.start()
        self._prepared.wait()
        if self._failure:
            raise self._failure

    def prepare(self) -> None:
        """Get ready on the engine's thread, before the first request."""

    def release(self) -> None:
        """Let go of what the model holds; called last on the engine's thread."""

    @abstractmethod
    def start(self, request: Request) -> Generation:
        """Check the request and make its generation; called on the engine's thread. Raises EngineError."""

    def translate(self, error: Exception) -> EngineError:
        """Say what an unexpected exception of one request means for it."""
        return EngineError("The model failed on this request.")

    def submit(self, request: Request, sink: Sink) -> None:
        ticket = Ticket(request, sink)
        with self._changed:
            if request.id in self._tickets:
                raise ValueError(f"A request with the id {request.id!r} is unfinished.")
            stopped = self._stopping
            if not stopped:
                self._tickets[request.id] = ticket
                self._waiting.append(ticket)
                self._changed.notify_all()
        if stopped:
            _send(sink, [ticket.finish("error", _stopped())])

    def cancel(self, request_id: str) -> None:
        with self._changed:
            if ticket := self._tickets.get(request_id):
                ticket.canceled = self._sweep_due = True
                self._changed.notify_all()

    def stats(self) -> EngineStats:
        with self._changed:
            return EngineStats(
                waiting=len(self._waiting),
                running=int(self._current is not None),
                finished=self._finished,
                prompt_tokens=self._prompt_tokens,
                completion_tokens=self._completion_tokens,
                tokens_per_second=self._rate.per_second(),
            )

    def close(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join()

    def _run(self) -> None:
        try:
            self.prepare()
            self._prepared.set()
            while ticket := self._next():
                self._serve(ticket)
        except BaseException as failure:
            self._failure = failure
            if self._prepared.is_set():
                logger.critical("engine thread failed", exc_info=True)
        finally:
            with self._changed:
                self._stopping = True
                unfinished = list(self._tickets.values())
            self._finish(unfinished, "error", _stopped())
            self.release()
            self._prepared.set()

    def _next(self) -> Ticket | None:
        """Wait for a request and take it; None when the engine is to stop."""
        while True:
            self._finish_canceled()
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._sweep_due or self._stopping)
                if self._stopping:
                    return None
                if self._sweep_due:
                    continue
                self._current = self._waiting.popleft()
                return self._current

    def _serve(self, ticket: Ticket) -> None:
        reason: FinishReason = "error"
        error: EngineError | None = None
        ticket.started_at = monotonic()
        try:
            generation = self.start(ticket.request)
            self._count(ticket, prompt_tokens=generation.prompt_tokens)
            reason = self._advance(ticket, generation)
        except EngineError as failure:
            error = failure
        except Exception as failure:
            logger.exception("request failed", extra={"request_id": ticket.request.id})
            error = self.translate(failure)
        self._finish([ticket], reason, error)

    def _advance(self, ticket: Ticket, generation: Generation) -> FinishReason:
        """Step until the request ends and say why it did."""
        while True:
            self._finish_canceled()
            if self._stopping:
                raise _stopped()
            if ticket.canceled:
                return "canceled"
            begun_at = monotonic()
            step = generation.step()
            self._count(ticket, completion_tokens=step.tokens, seconds=monotonic() - begun_at)
            if output := ticket.take(step.text, step.tokens):
                _send(ticket.sink, [output])
            if ticket.stop.found:
                return "stop"
            if step.reason:
                return step.reason

    def _finish_canceled(self) -> None:
        """Finish the canceled requests that are still waiting."""
        if not self._sweep_due:
            return
        with self._changed:
            self._sweep_due = False
            canceled = [ticket for ticket in self._waiting if ticket.canceled]
            self._waiting = deque(ticket for ticket in self._waiting if not ticket.canceled)
        self._finish(canceled, "canceled")

    def _finish(self, tickets: Iterable[Ticket], reason: FinishReason, error: EngineError | None = None) -> None:
        outputs: dict[Sink, list[Output]] = {}
        with self._changed:
            for ticket in tickets:
                self._tickets.pop(ticket.request.id)
                self._finished += 1
                if ticket is self._current:
                    self._current = None
                outputs.setdefault(ticket.sink, []).append(ticket.finish(reason, error))
        for sink, batch in outputs.items():
            _send(sink, batch)

    def _count(
        self, ticket: Ticket, *, prompt_tokens: int = 0, completion_tokens: int = 0, seconds: float = 0.0
    ) -> None:
        ticket.prompt_tokens += prompt_tokens
        with self._changed:
            self._prompt_tokens += prompt_tokens
            self._completion_tokens += completion_tokens
            if completion_tokens:
                self._rate.add(completion_tokens, seconds)


def _stopped() -> EngineStopped:
    return EngineStopped("The engine was stopped before the request was finished.")


def _send(sink: Sink, outputs: list[Output]) -> None:
    try:
        sink(outputs)
    except Exception:
        logger.exception("sink failed", extra={"request_ids": [output.request_id for output in outputs]})
