"""Runs the process in which a plugin describes itself: for no longer, and with no more output, than it may."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from selectors import EVENT_READ, BaseSelector, DefaultSelector
from time import monotonic

from gptstore.sdk.import_problems import MAX_PRINTED
from worker.hosts.sandbox.environment import ROOT
from worker.hosts.sandbox.processes import kill_tree

LOOK_SECONDS = 0.02
MAX_BYTES = MAX_PRINTED
CHUNK = 65_536


@dataclass
class Stream:
    """What a process wrote to one of its streams. What writes more than MAX_BYTES is killed."""

    data: bytearray = field(default_factory=bytearray)

    @property
    def is_full(self) -> bool:
        return len(self.data) > MAX_BYTES

    @property
    def last_line(self) -> str:
        return self.data.decode(errors="replace").strip().rpartition("\n")[2]


@dataclass(frozen=True)
class Ending:
    """How it ended. status: as in `subprocess`; None: it did not end in time, or wrote too much, and was killed."""

    status: int | None
    output: Stream
    errors: Stream


def run_process(command: list[str], variables: Mapping[str, str], seconds: float) -> Ending:
    """Run the command to its end, but no longer than so many seconds. What it started is killed with it."""
    output, errors = Stream(), Stream()
    with (
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process,
        DefaultSelector() as selector,
    ):
        assert process.stdout is not None and process.stderr is not None
        selector.register(process.stdout, EVENT_READ, output)
        selector.register(process.stderr, EVENT_READ, errors)
        deadline = monotonic() + seconds
        try:
            while (status := process.poll()) is None and monotonic() < deadline and not is_full(output, errors):
                read(selector, LOOK_SECONDS)
            while read(selector, 0):
                pass
        finally:
            if process.poll() is None:
                kill_tree(process.pid)
    return Ending(status, output, errors)


def is_full(*streams: Stream) -> bool:
    return any(stream.is_full for stream in streams)


def read(selector: BaseSelector, seconds: float) -> bool:
    """Read what is there within so many seconds. Return whether there was something."""
    ready = selector.select(seconds)
    for key, _ in ready:
        data = os.read(key.fd, CHUNK)
        key.data.data += data
        if not data or key.data.is_full:
            selector.unregister(key.fileobj)
    return bool(ready)
