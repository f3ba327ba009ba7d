"""Builds the wheel of a plugin with its own build backend, from a copy, so that nothing of an earlier build gets in."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.bundle.writer import read_file
from gptstore.sdk.wheels.errors import UvError, WheelError
from gptstore.sdk.wheels.failure import MAX_REASON, NETWORK, explain
from gptstore.sdk.wheels.uv import Sources, run_uv
from gptstore.sdk.wheels.wheel_file import rewrite_wheel

ANYWHERE = ("__pycache__", "*.egg-info", "*.pyc", "*.gptx", ".DS_Store")
AT_THE_TOP = {
    *("build", "dist", "venv", "node_modules", "gptstore.lock"),
    *(".git", ".hg", ".venv", ".tox", ".nox", ".idea", ".vscode"),
    *(".pytest_cache", ".mypy_cache", ".ruff_cache"),
}
VARIABLES = {"SOURCE_DATE_EPOCH": "315532800", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""The same for every build: times begin in 1980, when those of archives begin."""


def build_wheel(project: Path, sources: Sources, folder: Path) -> Path:
    """Build the wheel of a project, write it in the one form into `folder`, and return it. Raises WheelError."""
    copy, built = folder / "source", folder / "built"
    for old in (copy, built):
        shutil.rmtree(old, ignore_errors=True)
    try:
        shutil.copytree(project, copy, ignore=left_out(project), ignore_dangling_symlinks=True)
    except OSError as error:
        raise WheelError(f"{project} cannot be copied: {' '.join(str(error).split())[:MAX_REASON]}") from None
    options = ["--wheel", "--no-sources", "--no-create-gitignore", f"--python={sys.executable}"]
    command = ["build", str(copy), f"--out-dir={built}", *options, *sources.options]
    try:
        run_anyway(command, folder)
    except UvError as error:
        raise WheelError(explain_build(error.output)) from None
    made = next(built.glob("*.whl"))
    target = folder / made.name
    rewrite_wheel(made, target)
    return target


def run_anyway(command: Sequence[str], folder: Path) -> None:
    """Run uv, without a network if there is none: what the build backend needs may be in uv's cache. Raises UvError."""
    try:
        run_uv(*command, folder=folder, variables=VARIABLES)
    except UvError as error:
        if not NETWORK.search(error.output):
            raise
        try:
            run_uv(*command, "--offline", folder=folder, variables=VARIABLES)
        except UvError:
            raise error from None


def left_out(project: Path) -> Callable[[str, list[str]], set[str]]:
    """Return a function that says what of a folder is not copied."""
    anywhere = shutil.ignore_patterns(*ANYWHERE)

    def names(folder: str, found: list[str]) -> set[str]:
        return {*anywhere(folder, found)} | ({*found} & AT_THE_TOP if Path(folder) == project else set())

    return names


def explain_build(output: str) -> str:
    """Return the sentence for what uv and the build backend said."""
    if NETWORK.search(output):
        return explain(output, "")
    said, _, failed = output.rpartition("\nerror: ")
    found = [*re.finditer(r"^[\w.]*(?:Error|Exception|Exit)\b", said, re.MULTILINE)]
    reason = said[found[-1].start() :] if found else failed.partition("\nhint:")[0].rpartition("cause: ")[2]
    return f"The plugin's wheel cannot be built. {' '.join(reason.split())[:MAX_REASON]}"


def read_plugin(path: Path) -> Wheel:
    """Read the metadata of a plugin's wheel. Raises WheelError when no bundle may hold it."""
    try:
        wheel = read_file(path)
    except BundleError as error:
        raise WheelError(str(error)) from None
    if not wheel.is_pure:
        raise WheelError(
            f"{path.name} is for one platform only. Put compiled code into a package of its own that has wheels."
        )
    return wheel


def requirements_of(wheel: Wheel) -> tuple[str, ...]:
    """Return what the plugin requires without any of its extras. Raises WheelError for an address."""
    from packaging.requirements import Requirement

    required = [Requirement(line) for line in wheel.requires]
    kept = [one for one in required if "extra" not in str(one.marker or "")]
    if addressed := [one.name for one in kept if one.url]:
        raise WheelError(
            f"{addressed[0]} is asked for from an address. Ask for a version that an index has, as a wheel."
        )
    return tuple(sorted({str(one) for one in kept}))
