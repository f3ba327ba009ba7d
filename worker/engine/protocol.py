"""The interface of an engine: small frozen values, and `Engine`, which everything else is written against.

A caller submits a `Request` with a sink. The engine calls the sink with `Output`s: text as it is generated, and
exactly one output whose `finish` is set, which is the last of that request.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from queue import SimpleQueue
from typing import Literal
from uuid import uuid4

from gptstore.sdk.logprobs import TokenLogprob
from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "canceled", "error"]
Thinking = Literal["unknown", "never", "optional", "always"]
"""Whether a model thinks before it answers: never, if a request asks for it, always."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


Prompt = str | tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt to continue, or to score a continuation of.

    id: unique among unfinished requests.
    group: for fair scheduling, such as a user: groups take turns in proportion to the `weight` of their requests.
    timeout_s: seconds from submission after which it fails with DeadlineExceeded; None: no deadline.
    continuation: generate no text; return in `Output.scores` the log-probability of each token of this text after the
        prompt.
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
    """Tokens read and generated. Every generated token counts, also one that ends the text and is not shown.

    cached_tokens: the prompt's tokens that prefix caching found, so that they were not computed again.
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


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of a request. `error` is set if and only if the reason is "error"."""

    reason: FinishReason
    usage: Usage
    timings: Timings
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """New text of one request and the number of tokens generated since its last output.

    logprobs: of the tokens of this text, where the request wants them: of those that begin in it, or in a character of
        it. There are none of thoughts, of a token that ends the text, and of what a stop string cut off.
    scores: log-probabilities of the tokens of a continuation.
    thoughts: new text of the model's thoughts, where the request wants them. Their tokens count always.
    """

    request_id: str
    text: str
    tokens: int
    finish: Finish | None = None
    logprobs: tuple[TokenLogprob, ...] = ()
    scores: tuple[float, ...] = ()
    thoughts: str = ""


Sink = Callable[[Sequence[Output]], None]
"""Takes all new outputs of the requests that share it. Hashable; called on the engine's thread; must return fast."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model of an engine.

    parameters: their number; 0 where it is unknown. demo: whether the model is only for trying things out.
    """

    name: str
    context_length: int
    is_chat: bool
    parameters: int
    device: str
    dtype: str
    demo: bool = False
    thinking: Thinking = "unknown"


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Counts since the start, and the present state.

    tokens_per_second, step_seconds: over the last few seconds; a step is one run of the model.
    kv_tokens: tokens that the KV cache holds; 0 where the engine has none of its own.
    kv_used: tokens of running requests, without those that prefix caching keeps until room is needed.
    cached_tokens: prompt tokens that prefix caching found. preempted: requests that were preempted and began anew.
    drafted_tokens: tokens that prompt lookup guessed. accepted_tokens: those of them that the model generated too.
    """

    waiting: int
    running: int
    finished: int
    prompt_tokens: int
    completion_tokens: int
    tokens_per_second: float
    cached_tokens: int = 0
    preempted: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    kv_tokens: int = 0
    kv_used: int = 0
    step_seconds: float = 0.0


class Engine(ABC):
    """A model that serves requests. All methods may be called from any thread."""

    @property
    @abstractmethod
    def info(self) -> ModelInfo:
        """Return the facts about the loaded model."""

    @abstractmethod
    def submit(self, request: Request, sink: Sink) -> None:
        """Take a request. Exactly one output with `finish` reaches the sink, whatever happens.

        Waits until the prompt is tokenized and the grammar is compiled, never for the model.
        After `close` that output comes at once, on the calling thread, with EngineStopped.
        Raises ValueError when a request with the same id is unfinished.
        """

    @abstractmethod
    def cancel(self, request_id: str) -> None:
        """End a request before its next token. Does nothing when it has finished or was never there."""

    @abstractmethod
    def count_tokens(self, prompt: Prompt, *, group: str = "") -> int:
        """Return the number of the prompt's tokens, chat template included; a little more where it can't fit anyway.

        group: as in a request. Raises BadRequest, and TextTooLong for more than `prompt_size.MAX_COUNTED` characters.
        """

    def score(self, prompt: Prompt, continuation: str, *, group: str = "") -> tuple[float, ...]:
        """Return the natural logarithms of the probabilities of the continuation's tokens after the prompt. Blocks.

        Raises EngineError, such as BadRequest for an empty continuation.
        """
        outputs: SimpleQueue[Output] = SimpleQueue()
        request = Request(f"score-{uuid4()}", prompt, group=group, continuation=continuation)
        self.submit(request, partial(_put_all, outputs))
        found: tuple[float, ...] = ()
        while True:
            output = outputs.get()
            found += output.scores
            if output.finish and output.finish.error:
                raise output.finish.error
            if output.finish:
                return found

    @abstractmethod
    def stats(self) -> EngineStats:
        """Return the engine's statistics."""

    @abstractmethod
    def close(self) -> None:
        """Finish all unfinished requests with EngineStopped and free the model. A second call does nothing."""


def _put_all(queue: "SimpleQueue[Output]", outputs: Sequence[Output]) -> None:
    for output in outputs:
        queue.put(output)
