"""A sink that remembers, and lets a test wait for what it waits for."""

from collections.abc import Callable, Sequence
from threading import Condition
from typing import Any

from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Finish, Output, Prompt, Request

WAIT_S = 30


class Listener:
    """Collects the outputs of any number of requests."""

    def __init__(self, react: Callable[[Output], None] | None = None) -> None:
        self.outputs: list[Output] = []
        self._changed = Condition()
        self._react = react

    def __call__(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if self._react:
                self._react(output)
        with self._changed:
            self.outputs.extend(outputs)
            self._changed.notify_all()

    def of(self, request_id: str) -> list[Output]:
        with self._changed:
            return [output for output in self.outputs if output.request_id == request_id]

    def wait_for_finish(self, request_id: str) -> Finish:
        def finishes() -> list[Finish]:
            return [output.finish for output in self.outputs if output.request_id == request_id and output.finish]

        with self._changed:
            assert self._changed.wait_for(finishes, WAIT_S), f"{request_id} did not finish within {WAIT_S} s"
            return finishes()[0]

    def finishes(self) -> list[str]:
        """The ids of finished requests, one for each finish seen."""
        with self._changed:
            return [output.request_id for output in self.outputs if output.finish]

    def text(self, request_id: str) -> str:
        return "".join(output.text for output in self.of(request_id))


def ask(engine: Engine, prompt: Prompt, **params: Any) -> Listener:
    """Run one request, named "only", to its end and return what was heard."""
    listener = Listener()
    engine.submit(Request("only", prompt, SamplingParams(**params)), listener)
    listener.wait_for_finish("only")
    return listener
