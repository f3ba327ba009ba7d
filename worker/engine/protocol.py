"""What an engine takes and gives. Small frozen values, and `Engine`, which everything else is written against.

A caller submits a `Request` with a sink. The engine calls the sink with `Output`s: text as it is made, and
exactly one output whose `finish` is set, after which nothing more comes for that request.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from queue import SimpleQueue
from typing import Literal
from uuid import uuid4

from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "canceled", "error"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


Prompt = str | tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt to continue, or to score a continuation of.

    id: unique among unfinished requests.
    group: for fair sharing, such as a user: groups take turns, each as often as the `weight` of its requests says.
    timeout_s: seconds from submission after which it fails with DeadlineExceeded; None: never.
    continuation: make no text; say in `Output.logprobs` how likely each token of this text is after the prompt.
    """

    id: str
    prompt: Prompt
    params: SamplingParams = field(default_factory=SamplingParams)
    group: str = ""
    weight: float = 1.0
    timeout_s: float | None = None
    continuation: str | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.weight) and self.weight > 0):
            raise BadRequest(f"weight must be above 0, not {self.weight}.")
        if self.timeout_s is not None and not self.timeout_s > 0:
            raise BadRequest(f"timeout_s must be above 0, not {self.timeout_s}.")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and made. Every generated token counts, also one that ends the text and is not shown.

    cached_tokens: so many of the prompt's tokens were not computed again, since an earlier prompt began alike.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent waiting, from start to the first token, and from the first token to the last."""

    queued: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0

    @property
    def first_token(self) -> float:
        """Seconds from submission to the first token."""
        return self.queued + self.prefill


@dataclass(frozen=True, slots=True)
class Finish:
    """How a request ended. `error` is set if and only if the reason is "error"."""

    reason: FinishReason
    usage: Usage
    timings: Timings
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """New text of one request and the number of tokens made since its last output.

    logprobs: one for each of these tokens, where the request asked for them.
    """

    request_id: str
    text: str
    tokens: int
    finish: Finish | None = None
    logprobs: tuple[float, ...] = ()


Sink = Callable[[Sequence[Output]], None]
"""Takes all new outputs of the requests that share it. Hashable; called on the engine's thread; must return fast."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What an engine runs.

    parameters: their number; 0 where it is not known. demo: the model is only for trying things out.
    """

    name: str
    context_length: int
    is_chat: bool
    parameters: int
    device: str
    dtype: str
    demo: bool = False


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Counts since the start, and what is true now.

    tokens_per_second, step_seconds: over the last few seconds; a step is one run of the model.
    kv_tokens: tokens that the KV cache can hold; 0 where the engine has none of its own. kv_used: of running requests;
        what is kept for requests that begin alike is not counted, since it gives way.
    cached_tokens: prompt tokens that were found in the cache. preempted: requests that lost their place and began anew.
    """

    waiting: int
    running: int
    finished: int
    prompt_tokens: int
    completion_tokens: int
    tokens_per_second: float
    cached_tokens: int = 0
    preempted: int = 0
    kv_tokens: int = 0
    kv_used: int = 0
    step_seconds: float = 0.0

    @property
    def prefix_hit_rate(self) -> float:
        """The share of prompt tokens that were found in the cache."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else 0.0


class Engine(ABC):
    """A model that serves requests. All methods may be called from any thread."""

    @property
    @abstractmethod
    def info(self) -> ModelInfo:
        """The model that is loaded."""

    @abstractmethod
    def submit(self, request: Request, sink: Sink) -> None:
        """Take a request; never blocks. Exactly one output with `finish` reaches the sink, whatever happens.

        After `close` that output comes at once, on the calling thread, with EngineStopped.
        Raises ValueError when a request with the same id is unfinished.
        """

    @abstractmethod
    def cancel(self, request_id: str) -> None:
        """End a request before its next token. Does nothing when it has finished or was never there."""

    @abstractmethod
    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of the prompt as the model would read it, with what a chat template adds. Raises BadRequest."""

    def score(self, prompt: Prompt, continuation: str, *, group: str = "") -> tuple[float, ...]:
        """Natural logarithms of the probabilities of the continuation's tokens after the prompt. Waits for them.

        Raises EngineError, such as BadRequest for an empty continuation.
        """
        outputs: SimpleQueue[Output] = SimpleQueue()
        request = Request(f"score-{uuid4()}", prompt, group=group, continuation=continuation)
        self.submit(request, partial(_put_all, outputs))
        found: tuple[float, ...] = ()
        while True:
            output = outputs.get()
            found += output.logprobs
            if output.finish and output.finish.error:
                raise output.finish.error
            if output.finish:
                return found

    @abstractmethod
    def stats(self) -> EngineStats:
        """What the engine did and does."""

    @abstractmethod
    def close(self) -> None:
        """Finish what is unfinished with EngineStopped and free the model. A second call does nothing."""


def _put_all(queue: "SimpleQueue[Output]", outputs: Sequence[Output]) -> None:
    for output in outputs:
        queue.put(output)
