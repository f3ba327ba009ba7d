"""The worker's side of a run without a store: its model repeats the words of the prompt."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event

from gptstore.sdk.answer import Thoughts, with_logprobs
from gptstore.sdk.logprobs import TokenLogprob
from worker.engine.params import SamplingParams
from worker.engine.protocol import ModelInfo, Prompt

MODEL = ModelInfo("words", 8192, False, parameters=0, device="none", dtype="none")


class Words(Iterator[str]):
    """An answer whose pieces a generator makes when they are asked for."""

    def __init__(self, pieces: Generator[str, None, None]) -> None:
        self.pieces = pieces
        self.canceled = False

    def __next__(self) -> str:
        if self.canceled:
            raise StopIteration
        return next(self.pieces)

    def start(self) -> None:
        """Do nothing: there is no model that could begin."""

    def cancel(self) -> None:
        self.canceled = True

    def close(self) -> None:
        self.pieces.close()


def weigh(piece: str, count: int) -> str:
    """Return the piece as a token, which is the likeliest of so many."""
    top = [TokenLogprob(piece.encode(), -0.5), *(TokenLogprob(b"%d" % rank, -rank) for rank in range(1, count))]
    return with_logprobs(piece, [TokenLogprob(piece.encode(), -0.5, tuple(top[:count]))])


@dataclass
class Port:
    """Thinks if it is asked to, keeps the output, and forgets progress and log.

    spoke: there is output. stop: set it to stop the run. asked: the parameters of each request to the model.
    seconds_left: until the run's time is up. peak_memory: what the run's process has had at most.
    """

    model: ModelInfo = MODEL
    pieces: list[str] = field(default_factory=list)
    spoke: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)
    asked: list[SamplingParams] = field(default_factory=list)
    seconds_left: float | None = None
    peak_memory: int = 0
    denied: Mapping[str, int] | None = None

    @property
    def stopped(self) -> bool:
        return self.stop.is_set()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def note_memory(self, peak: int) -> None:
        self.peak_memory = peak

    def note_denials(self, denied: Mapping[str, int]) -> None:
        self.denied = denied

    def generate(self, prompt: Prompt, params: SamplingParams) -> Words:
        return Words(self.make(prompt, params))

    def make(self, prompt: Prompt, params: SamplingParams) -> Generator[str, None, None]:
        """Make the pieces of an answer."""
        self.asked.append(params)
        if params.thinking:
            yield Thoughts("Hm, ")
            yield Thoughts("words.")
        for word in str(prompt).split():
            yield f"{word} " if params.logprobs is None else weigh(f"{word} ", params.logprobs)

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        return [-0.5] * len(continuation.split())

    def count_tokens(self, prompt: Prompt) -> int:
        return len(str(prompt).split())

    def output(self, text: str) -> None:
        self.pieces.append(text)
        self.spoke.set()

    def progress(self, done: float, total: float, message: str) -> None:
        """Do nothing: nobody watches."""

    def log(self, message: str) -> None:
        """Do nothing: nobody reads it."""
