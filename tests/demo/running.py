"""A demo that a test started, and what is left of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.process import ROOT
from harness.waiting import wait_until


class Demo:
    def __init__(self, var: Path, *options: str) -> None:
        self.var = var
        self.output = var.with_name(f"{var.name}.{time.monotonic_ns()}.out")
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "gptstore.demo", *options],
                cwd=ROOT,
                env={**os.environ, "GPTSTORE_VAR": str(var)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads((self.var / "demo.json").read_text()))

    @property
    def children(self) -> set[int]:
        """Every process that has this demo's folder in its environment or its title, but the demo itself."""
        marker = os.fsencode(self.var)
        return {pid for pid in all_pids() if marker in about(pid)} - {self.popen.pid}

    def wait_until_ready(self) -> None:
        wait_until(
            lambda: "Ctrl-C stops" in self.said or self.popen.poll() is not None,
            lambda: f"the demo to be ready, which printed:\n{self.said}",
            100,
            every=0.05,
        )
        assert self.popen.poll() is None, self.said

    def end(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(40)


@contextmanager
def running_demo(var: Path, *options: str) -> Iterator[Demo]:
    demo = Demo(var, *options)
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        if demo.popen.poll() is None:
            demo.end()


def all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def about(pid: int) -> bytes:
    """Empty for a process that is gone, or a zombie."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
