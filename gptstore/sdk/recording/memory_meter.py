"""Measures how much more memory a process and what it starts take for a while, as a worker's limit counts it.

A worker bounds the address space of a run (RLIMIT_AS), so that is measured where /proc has it (proc_pid_status(5)), and
the resident memory of the whole process tree, which is what a machine has to hold.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from gptstore.sdk.project.memory import descendants, peak_memory

_STEP_SECONDS = 0.005
_FIELD = re.compile(r"^(VmPeak|VmSize|VmHWM|VmRSS):\s+(\d+) kB", re.MULTILINE)


class MemoryMeter:
    """Measures from `begin` to `end`, on a thread of its own."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._seen = 0
        self._thread = threading.Thread(target=self._sample, name="memory-meter", daemon=True)
        self._first: dict[str, int] = {}

    def begin(self) -> None:
        self._thread.start()
        while not self._seen and _fields(os.getpid()):  # its own stack and heap are there now
            pass
        self._first = _fields(os.getpid()) or {"VmHWM": peak_memory()}
        self._seen = 0

    def end(self) -> int | None:
        """Return the bytes that were taken beyond those at the beginning; None where the system does not say."""
        self._stop.set()
        self._thread.join()
        last = _fields(os.getpid())
        if not last:
            grown = peak_memory() - self._first["VmHWM"]
            return max(0, grown) if peak_memory() else None
        peaks = [last["VmPeak"] - self._first["VmSize"]] if last["VmPeak"] > self._first["VmPeak"] else []
        peaks += [last["VmHWM"] - self._first["VmRSS"]] if last["VmHWM"] > self._first["VmHWM"] else []
        return max(0, self._seen, *peaks)

    def _sample(self) -> None:
        while not self._stop.wait(_STEP_SECONDS):
            if not (own := _fields(os.getpid())):
                return
            tree = own["VmRSS"] + sum(_fields(pid).get("VmRSS", 0) for pid in descendants(os.getpid()))
            resident = tree - self._first.get("VmRSS", 0)
            mapped = own["VmSize"] - self._first.get("VmSize", 0)
            self._seen = max(self._seen, resident, mapped)


def _fields(pid: int) -> dict[str, int]:
    """Return what the system says of a process's memory, in bytes; nothing where it says nothing."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    return {name: int(size) * 1024 for name, size in _FIELD.findall(text)}
