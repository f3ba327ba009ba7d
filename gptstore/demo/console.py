"""Prints the demo's progress: one line for each step, then a box."""

import sys
import threading
import time
from types import TracebackType
from typing import Self


class Step:
    """A line with a running clock on a terminal; in a log, one line at the end and one every 20 s before."""

    def __init__(self, title: str) -> None:
        self._title = title
        self.note = ""
        self._live = sys.stdout.isatty()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._ticker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._ticker.join()
        if kind is None or self._live:
            self._draw(end="\n")

    def _tick(self) -> None:
        while not self._ended.wait(0.2 if self._live else 20):
            self._draw(end="" if self._live else "\n")

    def _draw(self, end: str) -> None:
        text = f"  {self._title:<26}{time.monotonic() - self._began:>4.0f} s  {self.note}".rstrip()
        print(f"\r\033[K{text}" if self._live else text, end=end, flush=True)


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def fail(text: str) -> None:
    print(f"\n{text}", file=sys.stderr, flush=True)


def box(lines: list[str]) -> None:
    width = max(len(line) for line in lines)
    print(f"\n  ╭{'─' * (width + 4)}╮")
    for line in lines:
        print(f"  │  {line:<{width}}  │")
    print(f"  ╰{'─' * (width + 4)}╯\n", flush=True)
