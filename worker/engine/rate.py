"""The rate of recent work: tokens per second, and seconds per step."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic


class Rate:
    """Tokens per second over the last `window_s` seconds in which there was work."""

    def __init__(self, window_s: float = 10.0, clock: Callable[[], float] = monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._samples: deque[tuple[float, int, float]] = deque()
        self._lock = Lock()  # work is noted on one thread, and rates are read on others

    def add(self, tokens: int, seconds: float) -> None:
        """Note that `tokens` were made in the last `seconds` of work."""
        with self._lock:
            self._samples.append((self._clock(), tokens, seconds))
            self._forget()

    def per_second(self) -> float:
        """Return tokens per second of work; 0 when nothing happened within the window."""
        samples = self._recent()
        seconds = sum(spent for _, _, spent in samples)
        return sum(tokens for _, tokens, _ in samples) / seconds if seconds > 0 else 0.0

    def seconds_each(self) -> float:
        """Return the mean seconds of a piece of work; 0 when nothing happened within the window."""
        samples = self._recent()
        return sum(spent for _, _, spent in samples) / len(samples) if samples else 0.0

    def _recent(self) -> list[tuple[float, int, float]]:
        with self._lock:
            self._forget()
            return list(self._samples)

    def _forget(self) -> None:
        oldest = self._clock() - self._window_s
        while self._samples and self._samples[0][0] < oldest:
            self._samples.popleft()
