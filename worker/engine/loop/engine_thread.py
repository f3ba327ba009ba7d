"""The engine's thread: takes requests from any thread, and finishes each of them exactly once."""

import logging
from abc import abstractmethod
from collections.abc import Iterable
from threading import Condition, Thread, current_thread
from time import monotonic

from worker.engine.errors import DeadlineExceeded, EngineError, EngineStopped
from worker.engine.protocol import Engine, FinishReason, Output, Request, Sink
from worker.engine.request_state import RequestState

logger = logging.getLogger(__name__)


class EngineThread(Engine):
    """An engine with a thread of its own, and the states of its unfinished requests. A subclass defines a step.

    A request is prepared on the thread that submits it; all else that a subclass defines runs on the engine's thread.
    """

    def __init__(self) -> None:
        self._changed = Condition()  # guards what follows
        self._unfinished: dict[str, RequestState] = {}
        self._arrived: list[RequestState] = []
        self._sweep_due = False
        self._stopping = False
        self._finished = 0
        self._thread = Thread(target=self._run, name="engine", daemon=True)

    def launch(self) -> None:
        """Start the engine's thread."""
        self._thread.start()

    @abstractmethod
    def prepare(self, state: RequestState) -> None:
        """Check a request and tokenize its prompt, on the thread that submits it. Raises EngineError."""

    @abstractmethod
    def enqueue(self, state: RequestState) -> None:
        """Queue a prepared request."""

    @abstractmethod
    def discard(self, state: RequestState) -> None:
        """Remove a request that ends, wherever it is; does nothing when it was not prepared."""

    @property
    @abstractmethod
    def is_busy(self) -> bool:
        """Return whether there is work for a step."""

    @abstractmethod
    def step(self) -> None:
        """Do a little of the work; calls `send` and `finish`."""

    def free(self) -> None:
        """Free the resources of the engine; called last on its thread."""

    def as_engine_error(self, error: Exception) -> EngineError:
        """Return the EngineError for an unexpected exception of one request."""
        return EngineError("The model failed on this request.")

    def submit(self, request: Request, sink: Sink) -> None:
        state = RequestState(request, sink)
        with self._changed:
            if request.id in self._unfinished:
                raise ValueError(f"A request with the id {request.id!r} is unfinished.")
            self._unfinished[request.id] = state
            stopped = self._stopping
        try:
            if stopped:
                raise EngineStopped()
            self.prepare(state)
        except EngineError as error:
            return self.finish([state], "error", error)
        except Exception as error:
            logger.exception("request failed", extra={"request_id": request.id})
            return self.finish([state], "error", self.as_engine_error(error))
        with self._changed:
            stopped = self._stopping
            if not stopped:
                self._arrived.append(state)
                self._changed.notify_all()
        if stopped:
            self.finish([state], "error", EngineStopped())

    def cancel(self, request_id: str) -> None:
        with self._changed:
            if state := self._unfinished.get(request_id):
                state.canceled = self._sweep_due = True
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join()

    def send(self, outputs: Iterable[tuple[Sink, Output]]) -> None:
        """Call each sink once, with all its outputs."""
        batches: dict[Sink, list[Output]] = {}
        for sink, output in outputs:
            batches.setdefault(sink, []).append(output)
        for sink, batch in batches.items():
            try:
                sink(batch)
            except Exception:
                logger.exception("sink failed", extra={"request_ids": [output.request_id for output in batch]})

    def finish(self, states: Iterable[RequestState], reason: FinishReason, error: EngineError | None = None) -> None:
        """End requests and send their last outputs; for one that has ended already this does nothing."""
        self.send([(state.sink, output) for state in states if (output := self.end(state, reason, error))])

    def end(self, state: RequestState, reason: FinishReason, error: EngineError | None = None) -> Output | None:
        """End a request and return its last output; None when it has ended already."""
        with self._changed:
            if self._unfinished.get(state.request.id) is not state:
                return None
            del self._unfinished[state.request.id]
            self._finished += 1
        return state.finish(reason, error)

    def _run(self) -> None:
        try:
            while self._wait_for_work():
                self.step()
        except BaseException:
            logger.critical("engine failed and stops", exc_info=True)
        finally:
            with self._changed:
                self._stopping = True
                states = list(self._unfinished.values())
            self.finish(states, "error", EngineStopped())
            self.free()

    def _wait_for_work(self) -> bool:
        """Let in requests that arrived, end those that were canceled or are late; False when the engine is to stop."""
        while True:
            with self._changed:
                if not self.is_busy:
                    self._changed.wait_for(lambda: self._arrived or self._sweep_due or self._stopping)
                if self._stopping:
                    return False
                arrived = [(one, self._unfinished.get(one.request.id) is one) for one in self._arrived]
                self._arrived = []
            for state, is_open in arrived:
                if is_open:
                    self.enqueue(state)
                else:  # it was canceled or late while it was prepared
                    self.discard(state)
            self._sweep()
            if self.is_busy:
                return True

    def _sweep(self) -> None:
        """End the requests that were canceled or whose deadline has passed."""
        now = monotonic()
        with self._changed:
            canceled = [state for state in self._unfinished.values() if state.canceled] if self._sweep_due else []
            self._sweep_due = False
            late = [one for one in self._unfinished.values() if one.deadline is not None and one.deadline <= now]
        for state in canceled:
            self._abort(state, "canceled")
        for state in late:
            self._abort(state, "error", DeadlineExceeded(state.request.timeout_s or 0))

    def _abort(self, state: RequestState, reason: FinishReason, error: EngineError | None = None) -> None:
        self.discard(state)
        self.finish([state], reason, error)
