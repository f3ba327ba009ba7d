"""The queue of the engine's outputs for one request, until the thread that waits for them takes them."""

from collections.abc import Sequence
from itertools import chain
from queue import SimpleQueue
from threading import Event
from time import monotonic
from weakref import WeakSet

from worker.engine.protocol import Output

SHARE_SECONDS, MAX_SECONDS = 0.003, 0.1
"""All threads that wait for the model are together woken once in SHARE_SECONDS, and each at least once in MAX_SECONDS
if there is output for it. Each wake-up costs the engine, which shares the interpreter with them, about as much as a
token of a small model. So a single answer comes as it is made, and one of many in pieces of up to a tenth of a second.
"""

waited_for: WeakSet["OutputQueue"] = WeakSet()


class OutputQueue:
    """A queue of outputs. `put` is called on the engine's thread, `take` by one other."""

    def __init__(self) -> None:
        self.outputs: SimpleQueue[Output] = SimpleQueue()
        self.finished = Event()
        self.taken_at = 0.0
        self.is_quick = False
        waited_for.add(self)

    def put(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            self.outputs.put(output)
            if output.finish is not None:
                self.finished.set()

    def take(self) -> Output:
        """Wait for outputs and return them as one. Where more come soon, wait for some of them too."""
        pause = min(MAX_SECONDS, SHARE_SECONDS * len(waited_for))
        if self.is_quick:
            self.finished.wait(self.taken_at + pause - monotonic())
        asked_at = monotonic()
        outputs = [self.outputs.get()]
        while not self.outputs.empty():
            outputs.append(self.outputs.get())
        self.taken_at = monotonic()
        self.is_quick = self.taken_at - asked_at < pause
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
        tuple(chain.from_iterable(output.scores for output in outputs)),
        "".join(output.thoughts for output in outputs),
    )
