"""The model runner: the seam between an engine's loop and its source of tokens, a model or a script."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from worker.engine.loop.scheduler import Plan
from worker.engine.loop.sequence import RequestSequence
from worker.engine.protocol import ModelInfo, Prompt
from worker.engine.request_state import RequestState, StepOutput

S = TypeVar("S", bound=RequestSequence)


class ModelRunner(ABC, Generic[S]):
    """Generates tokens.

    `tokenize` and `count_tokens` are called from any thread, the rest on the engine's own.
    """

    info: ModelInfo

    @abstractmethod
    def count_tokens(self, prompt: Prompt, group: str) -> int:
        """Return the number of tokens of the prompt as the model would read it. Raises BadRequest.

        group: whose turn it takes, where many texts are tokenized.
        """

    @abstractmethod
    def tokenize(self, state: RequestState) -> S:
        """Check a request and return its sequence. Raises EngineError."""

    @abstractmethod
    def run(self, plan: Plan[S]) -> list[tuple[S, StepOutput]]:
        """Run one step and return its results. Passes on the model's errors; then the step counts as not done."""

    def confirm(self) -> list[tuple[S, StepOutput]]:
        """Return what comes after guesses of the last step that came true, one token a request; [] when none is left.

        Called until then, each time when the tokens that it or `run` returned are part of their sequences.
        """
        return []

    def is_out_of_memory(self, error: Exception) -> bool:
        """Return whether fewer requests at a time may help."""
        return isinstance(error, MemoryError)

    def is_fatal(self, error: Exception) -> bool:
        """Return whether nothing can run after this error."""
        return False

    def free(self) -> None:
        """Free the model's memory; nothing is run afterwards."""
