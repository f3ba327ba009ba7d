"""What an engine takes and gives. Small frozen values, and `Engine`, which everything else is written against.

A caller submits a `Request` with a sink. The engine calls the sink with `Output`s: text as it is made, and
exactly one output whose `finish` is set, after which nothing more comes for that request.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from worker.engine.errors import BadRequest, EngineError

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "canceled", "error"]

DEFAULT_MAX_TOKENS = 1024
"""Most new tokens of a request that names no `max_tokens`."""

MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


Prompt = str | tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How the next token is chosen and when to stop.

    max_tokens: most new tokens; None: as many as fit into the context, at most `DEFAULT_MAX_TOKENS`.
    temperature: 0 always takes the likeliest token.
    top_p: take from the likeliest tokens that together have this probability; 1 takes from all.
    top_k: take from so many likeliest tokens; 0 takes from all.
    stop: the output ends before the first of these strings.
    seed: the same seed gives the same tokens on the same device; None: different ones each time.
    ignore_end: go on after a token that ends the text, for measurements.

    Raises BadRequest when a value is out of range.
    """

    max_tokens: int | None = None
    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int = 0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    ignore_end: bool = False

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise BadRequest(f"max_tokens must be at least 1, not {self.max_tokens}.")
        if not (isfinite(self.temperature) and self.temperature >= 0):
            raise BadRequest(f"temperature must be 0 or more, not {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise BadRequest(f"top_p must be above 0 and at most 1, not {self.top_p}.")
        if self.top_k < 0:
            raise BadRequest(f"top_k must be 0 or more, not {self.top_k}.")
        if not _are_texts(self.stop):
            raise BadRequest("stop must be a tuple of strings that are not empty.")
        if self.seed is not None and not 0 <= self.seed <= MAX_SEED:
            raise BadRequest(f"seed must be between 0 and {MAX_SEED}, not {self.seed}.")


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) and text for text in value)


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt to continue. `id` is unique among unfinished requests; `group` is for fair sharing, such as a user."""

    id: str
    prompt: Prompt
    params: SamplingParams = field(default_factory=SamplingParams)
    group: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and made. Every generated token counts, also one that ends the text and is not shown."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent waiting, from start to the first token, and from the first token to the last."""

    queued: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0


@dataclass(frozen=True, slots=True)
class Finish:
    """How a request ended. `error` is set if and only if the reason is "error"."""

    reason: FinishReason
    usage: Usage
    timings: Timings
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """New text of one request and the number of tokens made since its last output."""

    request_id: str
    text: str
    tokens: int
    finish: Finish | None = None


Sink = Callable[[Sequence[Output]], None]
"""Takes all new outputs of the requests that share it. Hashable; called on the engine's thread; must return fast."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What an engine runs. `parameters` is their number; `demo` marks a model that is only for trying things out."""

    name: str
    context_length: int
    is_chat: bool
    parameters: int
    device: str
    dtype: str
    demo: bool = False


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Counts since the start, and `tokens_per_second` over the last few seconds."""

    waiting: int
    running: int
    finished: int
    prompt_tokens: int
    completion_tokens: int
    tokens_per_second: float


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

    @abstractmethod
    def stats(self) -> EngineStats:
        """What the engine did and does."""

    @abstractmethod
    def close(self) -> None:
        """Finish what is unfinished with EngineStopped and free the model. A second call does nothing."""
