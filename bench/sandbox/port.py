"""A run's side of the worker without a store: its model says the words of the prompt."""

from collections.abc import Generator
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

from gptstore.sdk import Canceled
from worker.engine.params import SamplingParams
from worker.engine.protocol import ModelInfo, Prompt

MAX_OUTPUT = 2_000_000
"""In bytes; then the run is stopped, as a worker's run stops itself."""

MODEL = ModelInfo("words", 8192, False, parameters=0, device="none", dtype="none")


@dataclass
class Port:
    """pause: seconds that the model takes for a word. `asked_at`: when the tool asked it, by the monotonic clock."""

    pause: float = 0.0
    model: ModelInfo = MODEL
    said: list[str] = field(default_factory=list)
    spoke: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)
    asked_at: float | None = None
    room: int = MAX_OUTPUT

    @property
    def stopped(self) -> bool:
        return self.stop.is_set()

    @property
    def text(self) -> str:
        return "".join(self.said)

    def generate(self, prompt: Prompt, params: SamplingParams) -> Generator[str, None, None]:
        self.asked_at = monotonic()
        for word in str(prompt).split():
            self.stop.wait(self.pause)
            yield f"{word} "

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        return [-0.5] * len(continuation.split())

    def count_tokens(self, prompt: Prompt) -> int:
        return len(str(prompt).split())

    def output(self, text: str) -> None:
        self.room -= len(text.encode())
        if self.room < 0:
            self.stop.set()
            raise Canceled
        self.said.append(text)
        self.spoke.set()

    def progress(self, done: float, total: float, message: str) -> None:
        """Nobody watches."""

    def log(self, message: str) -> None:
        """Nobody reads it."""
