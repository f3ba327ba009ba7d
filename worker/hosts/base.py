"""The seam between a worker and a plugin's code: where and how the code runs is the business of a `ToolHost`."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol

from worker.engine.params import SamplingParams
from worker.engine.protocol import ModelInfo, Prompt


@dataclass(frozen=True)
class ToolCall:
    """One run: which tool, with which input (already checked against its schema).

    memory: bytes that it may take beyond what the tool's plugin holds; None: as many as its host allows.
    """

    tool: str
    input: dict[str, Any]
    memory: int | None = None


class JobPort(Protocol):
    """What a host may do for the running tool. Every method raises Canceled once the run was stopped."""

    @property
    def model(self) -> ModelInfo: ...

    @property
    def stopped(self) -> bool: ...

    def generate(self, prompt: Prompt, params: SamplingParams) -> Generator[str, None, None]:
        """Text from the shared model, as it is made. Raises EngineError."""
        ...

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        """Natural logarithms of the probabilities of the continuation's tokens. Raises EngineError."""
        ...

    def count_tokens(self, prompt: Prompt) -> int: ...

    def output(self, text: str) -> None: ...

    def progress(self, done: float, total: float, message: str) -> None: ...

    def log(self, message: str) -> None: ...


class ToolHost(ABC):
    """Runs tools. Called from many threads at once."""

    @property
    @abstractmethod
    def tools(self) -> list[str]:
        """The slugs of the tools that it can run."""

    @abstractmethod
    def run(self, call: ToolCall, port: JobPort) -> None:
        """Run one tool to its end and pass all its output to `port`.

        Raises ToolMissing, EngineError, ToolCrashed, LimitExceeded, HostLost, or what the tool raised: ToolError,
        Canceled, a fault of its own.
        """

    @abstractmethod
    def close(self) -> None:
        """End what it started; nothing runs any more."""
