"""The desk of an engine: takes requests from any thread, and keeps the promise of exactly one finish for each."""

import logging
from abc import abstractmethod
from collections.abc import Iterable
from threading import Condition, Event, Thread, current_thread
from time import monotonic

from worker.engine.errors import DeadlineExceeded, EngineError, EngineStopped
from worker.engine.protocol import Engine, FinishReason, Output, Request, Sink
from worker.engine.request_state import Ticket

logger = logging.getLogger(__name__)


class Front(Engine):
    """An engine's thread and its tickets. A subclass says what a step is."""

    def __init__(self) -> None:
        self._changed = Condition()  # guards what follows
        self._tickets: dict[str, Ticket] = {}
        self._arrived: list[Ticket] = []
        self._sweep_due = False
        self._stopping = False
        self._finished = 0
        self._failure: BaseException | None = None
        self._prepared = Event()
        self._thread = Thread(target=self._run, name="engine", daemon=True)

    def launch(self) -> None:
        """Start the engine's thread and wait until it is ready. Raises what `prepare` raised."""
        self._thread.start()
        self._prepared.wait()
        if self._failure:
            raise self._failure

    @abstractmethod
    def check(self, ticket: Ticket) -> None:
        """Make ready what the request needs; called on the thread that submits it. Raises EngineError."""

    @abstractmethod
    def accept(self, ticket: Ticket) -> None:
        """Take a checked request into the work."""

    @abstractmethod
    def withdraw(self, ticket: Ticket) -> None:
        """Take a request out of the work, if it is there, because it ends."""

    @property
    @abstractmethod
    def is_busy(self) -> bool:
        """Whether there is work for a step."""

    @abstractmethod
    def step(self) -> None:
        """Do a little of the work; calls `send` and `finish`."""

    def prepare(self) -> None:
        """Get ready on the engine's thread, before the first request."""

    def release(self) -> None:
        """Let go of what the engine holds; called last on its thread."""

    def translate(self, error: Exception) -> EngineError:
        """Say what an unexpected exception of one request means for it."""
        return EngineError("The model failed on this request.")

    def submit(self, request: Request, sink: Sink) -> None:
        ticket = Ticket(request, sink)
        with self._changed:
            if request.id in self._tickets:
                raise ValueError(f"A request with the id {request.id!r} is unfinished.")
            self._tickets[request.id] = ticket
            stopped = self._stopping
        try:
            if stopped:
                raise stopped_error()
            self.check(ticket)
        except EngineError as error:
            return self.finish([ticket], "error", error)
        except Exception as error:
            logger.exception("request failed", extra={"request_id": request.id})
            return self.finish([ticket], "error", self.translate(error))
        with self._changed:
            stopped = self._stopping
            if not stopped:
                self._arrived.append(ticket)
                self._changed.notify_all()
        if stopped:
            self.finish([ticket], "error", stopped_error())

    def cancel(self, request_id: str) -> None:
        with self._changed:
            if ticket := self._tickets.get(request_id):
                ticket.canceled = self._sweep_due = True
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join()

    def send(self, outputs: Iterable[tuple[Sink, Output]]) -> None:
        """Hand over outputs, all those of one sink at once."""
        batches: dict[Sink, list[Output]] = {}
        for sink, output in outputs:
            batches.setdefault(sink, []).append(output)
        for sink, batch in batches.items():
            try:
                sink(batch)
            except Exception:
                logger.exception("sink failed", extra={"request_ids": [output.request_id for output in batch]})

    def finish(self, tickets: Iterable[Ticket], reason: FinishReason, error: EngineError | None = None) -> None:
        """End requests; for one that has ended already this does nothing."""
        self.send([(ticket.sink, output) for ticket in tickets if (output := self.end(ticket, reason, error))])

    def end(self, ticket: Ticket, reason: FinishReason, error: EngineError | None = None) -> Output | None:
        """Strike a request off and return its last output; None when it has ended already."""
        with self._changed:
            if self._tickets.get(ticket.request.id) is not ticket:
                return None
            del self._tickets[ticket.request.id]
            self._finished += 1
        return ticket.finish(reason, error)

    def _run(self) -> None:
        try:
            self.prepare()
            self._prepared.set()
            while self._wait_for_work():
                self.step()
        except BaseException as failure:
            self._failure = failure
            if self._prepared.is_set():
                logger.critical("engine failed and stops", exc_info=True)
        finally:
            with self._changed:
                self._stopping = True
                unfinished = list(self._tickets.values())
            self.finish(unfinished, "error", stopped_error())
            try:
                self.release()
            finally:
                self._prepared.set()

    def _wait_for_work(self) -> bool:
        """Let in what arrived and out what was canceled or is late; False when the engine is to stop."""
        while True:
            with self._changed:
                if not self.is_busy:
                    self._changed.wait_for(lambda: self._arrived or self._sweep_due or self._stopping)
                if self._stopping:
                    return False
                arrived = [(one, self._tickets.get(one.request.id) is one) for one in self._arrived]
                self._arrived = []
            for ticket, is_open in arrived:
                if is_open:
                    self.accept(ticket)
                else:  # it was canceled or late while it was checked
                    self.withdraw(ticket)
            self._sweep()
            if self.is_busy:
                return True

    def _sweep(self) -> None:
        now = monotonic()
        with self._changed:
            canceled = [ticket for ticket in self._tickets.values() if ticket.canceled] if self._sweep_due else []
            self._sweep_due = False
            late = [one for one in self._tickets.values() if one.deadline is not None and one.deadline <= now]
        for ticket in canceled:
            self._leave(ticket, "canceled")
        for ticket in late:
            message = f"The model had {ticket.request.timeout_s:g} seconds for this request, and they are over."
            self._leave(ticket, "error", DeadlineExceeded(message))

    def _leave(self, ticket: Ticket, reason: FinishReason, error: EngineError | None = None) -> None:
        self.withdraw(ticket)
        self.finish([ticket], reason, error)


def stopped_error() -> EngineStopped:
    return EngineStopped("The engine was stopped before the request was finished.")
