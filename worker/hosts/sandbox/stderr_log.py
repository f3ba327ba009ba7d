"""Logs what plugins write to stderr: escaped, and no more than so much of a line, of a run and of a minute."""

from threading import Lock
from time import monotonic

import structlog

log = structlog.get_logger(__name__)

MAX_LINE = 1_000
"""Bytes of a line that are logged."""

MAX_LINES_OF_A_RUN, MAX_LINES_OF_A_MINUTE = 200, 600


class MinuteQuota:
    """The lines that one plugin may log in a minute, with all its runs together. Many threads may take from it."""

    def __init__(self, most: int = MAX_LINES_OF_A_MINUTE) -> None:
        self.most = most
        self.taken = 0
        self.begun_at = monotonic()
        self.lock = Lock()

    def take(self) -> bool:
        with self.lock:
            if monotonic() - self.begun_at >= 60:
                self.begun_at, self.taken = monotonic(), 0
            self.taken += 1
            return self.taken <= self.most


class StderrLog:
    """The log of one process: of a run's child, or of a host. Says once how much it left out.

    most: lines that it may log in all; None: as many as the plugin's minute has.
    names: fields of each event, such as the plugin.
    """

    def __init__(self, minute: MinuteQuota, most: int | None = None, **names: str) -> None:
        self.minute = minute
        self.most = most
        self.log = log.bind(**names)
        self.begun = bytearray()
        self.is_cut = False
        self.lines = self.dropped = 0

    def feed(self, data: bytes) -> None:
        """Log the lines that these bytes complete. Many bytes are read quickly when no more lines may be logged."""
        if self.is_over:
            self.dropped += data.count(b"\n")
            return
        first, *rest = data.split(b"\n")
        self.extend(first)
        for part in rest:
            self.end_line()
            self.extend(part)

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.lines >= self.most

    def extend(self, part: bytes) -> None:
        room = MAX_LINE - len(self.begun)
        self.begun += part[:room]
        self.is_cut = self.is_cut or len(part) > room

    def end_line(self) -> None:
        line, is_cut = bytes(self.begun), self.is_cut
        self.begun.clear()
        self.is_cut = False
        if not line:
            return
        if self.is_over or not self.minute.take():
            self.dropped += 1
            return
        self.say_dropped()
        self.lines += 1
        self.log.warning("plugin_stderr", line=escape(line) + ("…" if is_cut else ""))

    def say_dropped(self) -> None:
        if self.dropped:
            self.log.warning("plugin_stderr_dropped", lines=self.dropped)
            self.dropped = 0

    def close(self) -> None:
        self.end_line()
        self.say_dropped()


def escape(line: bytes) -> str:
    """Return the line as text of printable characters alone: no control characters, no changes of direction."""
    text = line.decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
