"""The tool that does nothing, installed in a folder for PYTHONPATH."""

from pathlib import Path

from harness.plugins import link_plugin

SLUG = "noop"


def install(folder: Path) -> Path:
    """Install it, and return the folder for PYTHONPATH."""
    return link_plugin(folder, "bench-noop", Path(__file__).parent / "plugin/bench_noop.py", "bench_noop")
