"""One demo for one folder: the lock lives as long as the process that holds it."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager

from gptstore.demo.paths import Place


class AlreadyRunning(Exception):
    """Raised when another demo uses the same folder."""


@contextmanager
def hold_lock(place: Place) -> Iterator[None]:
    place.make()
    with place.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(describe_running(place)) from None
        yield


def describe_running(place: Place) -> str:
    try:
        running = json.loads(place.summary.read_text())
        url, pid = running["url"], running["pids"]["supervisor"]
    except (OSError, ValueError, KeyError):
        return f"A demo that uses {place.var} is just starting."
    return (
        f"A demo that uses {place.var} is already running: {url}\nStop it with Ctrl-C in its terminal, or:  kill {pid}"
    )
