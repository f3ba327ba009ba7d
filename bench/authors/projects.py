"""The small plugin of the benchmark, and the command that a person types."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from bench.common.errors import NotMeasured

NAME = "owl-lines"
PACKAGE = "gptstore-owl-lines"
DEPENDENCIES = ("humanize", "python-slugify", "tabulate")
"""Three that everybody knows, small and pure Python."""

MAX_SECONDS = 300


def call(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> float:
    """Run the command `gptstore` and return the seconds that it took. Raises NotMeasured when it fails."""
    return run_timed([sys.executable, "-m", "gptstore.sdk.cli", *map(str, arguments)], environment)


def run_timed(command: list[str], environment: Mapping[str, str] | None = None) -> float:
    """Run a command to its end and return the seconds that it took. Raises NotMeasured when it fails."""
    began = perf_counter()
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=MAX_SECONDS)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2]
        raise NotMeasured(f"{' '.join(command[2:5])} … ended with status {done.returncode}: {last}")
    return perf_counter() - began


def new_project(folder: Path, dependencies: tuple[str, ...] = ()) -> Path:
    """Make a project as an author does, and let it require these packages."""
    project = folder / f"{NAME}-{len(dependencies)}"
    call("new", NAME, "--folder", project)
    described = project / "pyproject.toml"
    text = described.read_text(encoding="utf-8")
    required = ", ".join(f'"{one}"' for one in ("gptstore-sdk>=0.1", *dependencies))
    described.write_text(text.replace('["gptstore-sdk>=0.1"]', f"[{required}]"), encoding="utf-8")
    return project


def build_bundle(project: Path) -> Path:
    """Build the project for this machine and return the bundle."""
    call("build", project, "--force")
    return next((project / "dist").glob("*.gptx"))
