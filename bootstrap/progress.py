"""Prints one calm line for each long step: its name, how far it is, for how long."""

import re
import sys
import threading
import time
from types import TracebackType

PACKAGE = re.compile(r"(?:Collecting |Requirement already satisfied: |Processing \S*/)([\w.-]+?)(?:-\d|[^\w.-])")
DOWNLOAD = re.compile(r"\s+Downloading (\S+?)-\d\S* \(([\d.]+ [kMG]B)\)")


class Progress:
    """A progress line. On a terminal it is redrawn; in a log it's printed when the step ends, and every 20 s before."""

    def __init__(self, title: str, *, total: int = 0, hint: str = "") -> None:
        self._title = title
        self._total = total
        self._hint = hint
        self._seen: set[str] = set()
        self._doing = ""
        self._live = sys.stdout.isatty()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._began = time.monotonic()
        self._ticker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._ended.set()
        self._ticker.join()
        self._doing = "" if kind is None else "failed"
        self._draw(end="\n")

    def read_pip(self, line: str) -> None:
        """Take one line of pip's output."""
        if found := PACKAGE.match(line):
            self._seen.add(found[1].lower().replace("_", "-"))
        elif found := DOWNLOAD.match(line):
            self._doing = f"downloading {found[1]} ({found[2]})"
            if is_large(found[2]):
                self._say_hint()
        elif line.startswith("Installing collected packages:"):
            self._doing = f"unpacking {line.count(',') + 1} packages"

    def _say_hint(self) -> None:
        if self._hint:
            print(f"\r\033[K  {self._hint}" if self._live else f"  {self._hint}", flush=True)
            self._hint = ""

    def _tick(self) -> None:
        period = 0.2 if self._live else 20
        while not self._ended.wait(period):
            self._draw(end="" if self._live else "\n")

    def _draw(self, end: str) -> None:
        counted = f"{min(len(self._seen), self._total)} of {self._total}" if self._total else ""
        parts = [part for part in (counted, self._doing) if part]
        text = f"  {self._title:<26}{time.monotonic() - self._began:>4.0f} s  {', '.join(parts)}".rstrip()
        print(f"\r\033[K{text}" if self._live else text, end=end, flush=True)


def is_large(size: str) -> bool:
    number, unit = size.split()
    return unit == "GB" or (unit == "MB" and float(number) > 300)
