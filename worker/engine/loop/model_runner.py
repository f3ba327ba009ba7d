"""The seam between an engine's loop and what makes the tokens: a model, or a script."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from worker.engine.errors import EngineError
from worker.engine.loop.scheduler import Plan
from worker.engine.loop.sequence import Sequence
from worker.engine.protocol import FinishReason, ModelInfo, Prompt
from worker.engine.request_state import Ticket


@dataclass(eq=False, slots=True, kw_only=True)
class Generation(Sequence):
    """A request that is being served. `told`: so many log-probabilities were handed over."""

    ticket: Ticket
    told: int = 0


G = TypeVar("G", bound=Generation)


@dataclass(frozen=True, slots=True)
class Made(Generic[G]):
    """What a step made of one request.

    token: the new token, if there is one. text: what it adds to the text.
    reason: why the request ends here, if it does. error: only this request failed.
    logprobs: of the new token, or of the tokens that were scored.
    """

    generation: G
    text: str = ""
    token: int | None = None
    logprobs: tuple[float, ...] = ()
    reason: FinishReason | None = None
    error: EngineError | None = None


class Core(ABC, Generic[G]):
    """Makes tokens. `open` and `count_tokens` are called from any thread, the rest on the engine's own."""

    info: ModelInfo

    @abstractmethod
    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of the prompt as the model would read it. Raises BadRequest."""

    @abstractmethod
    def open(self, ticket: Ticket) -> G:
        """Check a request and make what is needed to serve it. Raises EngineError."""

    @abstractmethod
    def run(self, plan: Plan[G]) -> list[Made[G]]:
        """Do one step. Raises what the model raises; then the step counts as not done."""

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether fewer requests at a time may help."""
        return isinstance(error, MemoryError)

    def is_fatal(self, error: Exception) -> bool:
        """Whether nothing can run after this error."""
        return False

    def close(self) -> None:
        """Let go of the model."""
