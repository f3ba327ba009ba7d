"""The plugins of the benchmark, installed in a folder for PYTHONPATH."""

from pathlib import Path

from harness.plugins import HOSTILE, link_hostile, link_plugin
from harness.process import ROOT

__all__ = ["HOSTILE", "TOOLS", "install"]

TOOLS = "bench-tools"
"""The plugin with tools that do next to nothing."""


def install(folder: Path) -> Path:
    """Install them, and return the folder for PYTHONPATH. All users that run hosts can read it."""
    link_plugin(folder, TOOLS, ROOT / "bench/sandbox/plugin/bench_tools.py", "bench_tools")
    link_hostile(folder)
    return folder
