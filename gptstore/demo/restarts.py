"""How often a process may come back before something must be wrong."""

import time
from collections import defaultdict

MOST = 5
WITHIN_SECONDS = 60.0


class Restarts:
    def __init__(self) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)

    def allow(self, name: str) -> bool:
        """Counts one more restart; False when there were too many in the last minute."""
        now = time.monotonic()
        self._times[name] = [at for at in self._times[name] if now - at < WITHIN_SECONDS] + [now]
        return len(self._times[name]) <= MOST
