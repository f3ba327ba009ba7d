"""What the engine says to one request, until the thread that waits for it takes it."""

from collections.abc import Sequence
from itertools import chain
from queue import SimpleQueue
from threading import Event
from time import monotonic

from worker.engine.protocol import Output

GATHER_SECONDS = 0.04
"""A thread is woken no more often than that: each time costs the engine, which shares the interpreter with it, more
than a small model's token does. A film has no more pictures a second."""


class Inbox:
    """`put` is called on the engine's thread, `take` by one other."""

    def __init__(self) -> None:
        self.outputs: SimpleQueue[Output] = SimpleQueue()
        self.finished = Event()
        self.taken_at = 0.0
        self.is_quick = False

    def put(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            self.outputs.put(output)
            if output.finish is not None:
                self.finished.set()

    def take(self) -> Output:
        """What there is, as one output, once there is some. Where more comes soon, some of it is waited for."""
        if self.is_quick:
            self.finished.wait(self.taken_at + GATHER_SECONDS - monotonic())
        asked_at = monotonic()
        outputs = [self.outputs.get()]
        while not self.outputs.empty():
            outputs.append(self.outputs.get())
        self.taken_at = monotonic()
        self.is_quick = self.taken_at - asked_at < GATHER_SECONDS
        return gather(outputs)


def gather(outputs: Sequence[Output]) -> Output:
    if len(outputs) == 1:
        return outputs[0]
    return Output(
        outputs[0].request_id,
        "".join(output.text for output in outputs),
        sum(output.tokens for output in outputs),
        outputs[-1].finish,
        tuple(chain.from_iterable(output.logprobs for output in outputs)),
    )
