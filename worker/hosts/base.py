"""The seam between a worker and a plugin's code. A `ToolHost` decides where and how the code runs."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from worker.engine.params import SamplingParams
from worker.engine.protocol import ModelInfo, Prompt

Offer = tuple[str, str]
"""A plugin, and the key of a deployed release of it: "" for the one that is installed."""


@dataclass(frozen=True)
class ToolCall:
    """One run: the tool, and its input (already checked against its schema).

    plugin: the one whose tool it is in the catalogue, since two may offer tools with the same slug.
    memory: bytes that it may take beyond what the tool's plugin holds; disk: bytes that it may keep on disk; None: as
    many as its host allows. job: the job's ID, for the log. settings: those of the tool, for its plugin alone.
    release: the key of the deployed release that it is a run of; "": of the plugin that is installed.
    counts_denials: whether to note which of its calls were denied.
    """

    plugin: str
    tool: str
    input: dict[str, Any]
    memory: int | None = None
    disk: int | None = None
    job: str = ""
    settings: dict[str, Any] | None = field(default=None, repr=False)
    release: str = ""
    counts_denials: bool = False


class ModelAnswer(Protocol):
    """An iterator over the text of one answer. One thread reads it; any may cancel it."""

    def __iter__(self) -> Iterator[str]: ...

    def __next__(self) -> str: ...

    def start(self) -> None:
        """Send the request to the model, if that was not done; the first piece that is asked for does it otherwise."""
        ...

    def cancel(self) -> None:
        """Have the model make no more of the answer."""
        ...

    def close(self) -> None:
        """End the answer, and wait until the model has."""
        ...


class JobPort(Protocol):
    """The calls that a host may make for the running tool. Every method raises Canceled once the run was stopped."""

    @property
    def model(self) -> ModelInfo: ...

    @property
    def stopped(self) -> bool: ...

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds until the run's time is up; None when it has no end."""
        ...

    def generate(self, prompt: Prompt, params: SamplingParams) -> ModelAnswer:
        """Return text of the shared model, as it is made, after the thoughts that `params` ask for, as `Thoughts`.

        Reading it raises EngineError.
        """
        ...

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        """Return the natural logarithms of the probabilities of the continuation's tokens. Raises EngineError."""
        ...

    def count_tokens(self, prompt: Prompt) -> int: ...

    def output(self, text: str) -> None:
        """Put out a text. A `Piece` of an answer brings the log-probabilities of its tokens."""
        ...

    def progress(self, done: float, total: float, message: str) -> None: ...

    def log(self, message: str) -> None: ...

    def note_memory(self, peak: int) -> None:
        """Note the most bytes of memory that the run's process has had. It may be called after a stop."""
        ...

    def note_denials(self, denied: Mapping[str, int]) -> None:
        """Note how many calls of the run were denied, by kind, for a call that asks for it."""
        ...


class ToolHost(ABC):
    """The host of tools. It is called from many threads at once."""

    @property
    @abstractmethod
    def offers(self) -> dict[Offer, list[str]]:
        """Return the slugs of the tools that it can run."""

    @property
    def tools(self) -> dict[str, list[str]]:
        """Return the slugs of the tools that it can run, by plugin, of any release."""
        found: dict[str, list[str]] = {}
        for (plugin, _release), slugs in self.offers.items():
            found[plugin] = [*dict.fromkeys([*found.get(plugin, []), *slugs])]
        return found

    @property
    @abstractmethod
    def broken(self) -> dict[str, str]:
        """Return the plugins that cannot be imported, and why."""

    @abstractmethod
    def run(self, call: ToolCall, port: JobPort) -> None:
        """Run one tool of its plugin to its end and pass all its output to `port`.

        Raises ToolMissing, EngineError, ToolCrashed, LimitExceeded, HostLost, or what the tool raised: ToolError,
        Canceled, a fault of its own.
        """

    @abstractmethod
    def close(self) -> None:
        """End everything that it started; nothing runs any more."""
