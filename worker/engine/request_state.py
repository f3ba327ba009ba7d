"""A request on its way through an engine: what is known about it, and what its outputs say."""

from dataclasses import dataclass, field
from time import monotonic

from worker.engine.errors import EngineError
from worker.engine.protocol import Finish, FinishReason, Output, Request, Sink, Timings, Usage
from worker.engine.stop import StopStrings


@dataclass(eq=False, slots=True)
class Ticket:
    """One submitted request. Times are `time.monotonic` seconds."""

    request: Request
    sink: Sink
    stop: StopStrings = field(init=False)
    submitted_at: float = field(default_factory=monotonic)
    started_at: float | None = None
    first_token_at: float | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    canceled: bool = False
    _unsent_tokens: int = 0
    _unsent_logprobs: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self.stop = StopStrings(self.request.params.stop)

    @property
    def deadline(self) -> float | None:
        """When it fails if it has not ended."""
        timeout_s = self.request.timeout_s
        return None if timeout_s is None else self.submitted_at + timeout_s

    def start(self) -> None:
        """Note that work on it begins; a second call changes nothing."""
        if self.started_at is None:
            self.started_at = monotonic()

    def take(self, text: str, tokens: int, logprobs: tuple[float, ...] = ()) -> Output | None:
        """Count a step's text and tokens; return the output to send, if there is text that can be shown."""
        if tokens and self.first_token_at is None:
            self.first_token_at = monotonic()
        self.completion_tokens += tokens
        self._unsent_tokens += tokens
        self._unsent_logprobs += logprobs
        text = self.stop.feed(text)
        return self._output(text) if text else None

    def finish(self, reason: FinishReason, error: EngineError | None = None) -> Output:
        """Return the last output, with the text that was held back."""
        now = monotonic()
        started_at = now if self.started_at is None else self.started_at
        first_token_at = now if self.first_token_at is None else self.first_token_at
        timings = Timings(started_at - self.submitted_at, first_token_at - started_at, now - first_token_at)
        usage = Usage(self.prompt_tokens, self.completion_tokens, self.cached_tokens)
        return self._output(self.stop.flush(), Finish(reason, usage, timings, error))

    def _output(self, text: str, finish: Finish | None = None) -> Output:
        tokens, self._unsent_tokens = self._unsent_tokens, 0
        logprobs, self._unsent_logprobs = self._unsent_logprobs, ()
        return Output(self.request.id, text, tokens, finish, logprobs)
