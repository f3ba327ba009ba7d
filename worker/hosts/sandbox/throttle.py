"""Bounds the processor time that a plugin's messages take: the model's thread shares the worker's interpreter."""

from time import monotonic, sleep, thread_time

BURST_SECONDS, SHARE = 0.003, 0.1
"""The processor time that messages may take at once, and their share in the long run."""

MAX_REST_SECONDS = 0.1


class Throttle:
    """Slows down the thread that reads the messages of a plugin that sends without end. To be made on that thread."""

    def __init__(self) -> None:
        self.rested_at = monotonic()
        self.spent_then = thread_time()

    def rest(self) -> bool:
        """Sleep if this thread has computed for more than its share. Return whether it has."""
        spent = thread_time() - self.spent_then
        if spent <= BURST_SECONDS:
            return False
        sleep(min(MAX_REST_SECONDS, max(0.0, self.rested_at + spent / SHARE - monotonic())))
        self.rested_at, self.spent_then = monotonic(), thread_time()
        return True
