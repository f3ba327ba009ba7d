"""A pipe for the stderr of a plugin's process. Its lines go to the worker's log, where they can pass for no other."""

import os
from contextlib import suppress
from types import TracebackType
from typing import Self

from worker.hosts.sandbox.stderr_log import StderrLog

CHUNK = 65_536
LAST_CHUNKS = 16
"""Chunks that are read at most after a process's end; its pipe holds one, unless others write on."""


class StderrPipe:
    """A pipe. Whoever reads it never waits; a process that writes more than the pipe holds does."""

    def __init__(self, log: StderrLog) -> None:
        self.log = log
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.has_writer = True

    def read(self) -> bool:
        """Log what there is to read at once. Return False when nobody can write any more."""
        try:
            data = os.read(self.reader, CHUNK)
        except BlockingIOError:
            return True
        self.log.feed(data)
        return bool(data)

    def close_writer(self) -> None:
        """Close the end that the process has now."""
        if self.has_writer:
            self.has_writer = False
            os.close(self.writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close_writer()
        with suppress(BlockingIOError):
            for _ in range(LAST_CHUNKS):
                if not (data := os.read(self.reader, CHUNK)):
                    break
                self.log.feed(data)
        os.close(self.reader)
        self.log.close()
