"""The machine behind the figures, its load, the time and the commit."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.process import ROOT


def begun_at() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def describe_processor() -> dict[str, Any]:
    """Name the processor, and count the cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": processor(), "cores": cores}


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load() -> tuple[float, ...] | None:
    """Return the load averages of the last 1, 5 and 15 minutes; None where the system has none."""
    return os.getloadavg() if hasattr(os, "getloadavg") else None


def commit(*options: str) -> str | None:
    """Name the commit, with a plus sign when files were changed since; None outside a repository.

    options: more of `git describe`.
    """
    command = ["git", "describe", "--always", "--dirty=+", *options]
    try:
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)
    except OSError:
        return None
    return said.stdout.strip() or None
