"""A run's side of the worker whose model takes its time, and whose output has a limit."""

from collections.abc import Generator
from dataclasses import dataclass
from time import monotonic

from gptstore.sdk import Canceled
from harness.port import Port
from worker.engine.params import SamplingParams
from worker.engine.protocol import Prompt

MAX_OUTPUT = 2_000_000
"""Bytes of output at most. The run is stopped beyond them, as a worker's run stops itself."""


@dataclass
class TimedPort(Port):
    """A port whose model is slow. pause: seconds for a word. asked_at: the time of the request (`time.monotonic`)."""

    pause: float = 0.0
    asked_at: float | None = None
    room: int = MAX_OUTPUT

    def make(self, prompt: Prompt, params: SamplingParams) -> Generator[str, None, None]:
        self.asked_at = monotonic()
        for word in super().make(prompt, params):
            self.stop.wait(self.pause)
            yield word

    def output(self, text: str) -> None:
        self.room -= len(text.encode())
        if self.room < 0:
            self.stop.set()
            raise Canceled
        super().output(text)
