"""How fast tokens came lately."""

from collections import deque
from collections.abc import Callable
from time import monotonic


class Rate:
    """Tokens per second over the last `window_s` seconds in which there was work."""

    def __init__(self, window_s: float = 10.0, clock: Callable[[], float] = monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._samples: deque[tuple[float, int, float]] = deque()

    def add(self, tokens: int, seconds: float) -> None:
        """Note that `tokens` were made in the last `seconds` of work."""
        self._samples.append((self._clock(), tokens, seconds))
        self._forget()

    def per_second(self) -> float:
        """Tokens a second of work; 0 when nothing happened within the window."""
        self._forget()
        seconds = sum(spent for _, _, spent in self._samples)
        return sum(tokens for _, tokens, _ in self._samples) / seconds if seconds > 0 else 0.0

    def seconds_each(self) -> float:
        """Mean seconds of a piece of work; 0 when nothing happened within the window."""
        self._forget()
        return sum(spent for _, _, spent in self._samples) / len(self._samples) if self._samples else 0.0

    def _forget(self) -> None:
        oldest = self._clock() - self._window_s
        while self._samples and self._samples[0][0] < oldest:
            self._samples.popleft()
