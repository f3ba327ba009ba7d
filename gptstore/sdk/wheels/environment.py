"""Lets a plugin describe itself, from the wheels that are shipped, in an environment and a process of its own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from gptstore.sdk.import_problems import MAX_PRINTED, not_in_time, printed_too_much
from gptstore.sdk.manifest import Manifest
from gptstore.sdk.project.process import run_python
from gptstore.sdk.wheels.errors import UvError, WheelError
from gptstore.sdk.wheels.failure import explain
from gptstore.sdk.wheels.locked_wheels import Gathered
from gptstore.sdk.wheels.order import Order
from gptstore.sdk.wheels.platforms import Platform
from gptstore.sdk.wheels.uv import run_uv

SECONDS = 60
MAX_REASON = 500
INSTALL = ("pip", "install", "--quiet", "--no-deps", "--only-binary=:all:")


def describe(gathered: Gathered, requirements: Path, order: Order) -> Manifest:
    """Return the manifest of a plugin, read in a new environment of these wheels. Raises WheelError.

    requirements: the file with the whole lock. On a machine of none of the platforms the same versions are installed,
    from wheels that suit it.
    """
    folder = requirements.parent
    place = folder / "environment"
    links = f"--find-links={gathered.folder}"
    try:
        run_uv("venv", "--quiet", "--no-project", f"--python={sys.executable}", str(place), folder=folder)
        python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if any(is_here(platform) for platform in order.platforms):
            options = ["--offline", "--no-index", "--require-hashes", f"--requirement={requirements}"]
        else:
            versions = gathered.lock.versions_for(order.platforms[0])
            own = [str(gathered.folder / wheel.file_name) for wheel in (gathered.plugin, gathered.sdk)]
            pinned = [f"{name}=={version}" for name, version in versions.items()]
            options = [*order.sources(gathered.lock.exclude_newer).options, *own, *pinned]
        run_uv(*INSTALL, f"--python={python}", links, *options, folder=folder)
    except UvError as error:
        raise WheelError(explain(error.output, "this machine")) from None
    return read_manifest(gathered.plugin.name, run_describe(python))


def is_here(platform: Platform) -> bool:
    """Return whether this Python is of the platform: then it takes the wheels that are shipped."""
    from packaging.markers import Marker

    return Marker(platform.marker).evaluate() and sys.implementation.name == "cpython"


def run_describe(python: Path) -> str:
    command = [str(python), "-s", "-m", "gptstore.sdk.describe"]
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if name in os.environ}
    variables = {**kept, "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    ending = run_python(command, variables, SECONDS)
    if ending.status == 0:
        return ending.answer.decode(errors="replace")
    if ending.status is None:
        is_flood = max(ending.printed, len(ending.answer)) >= MAX_PRINTED
        problem = printed_too_much() if is_flood else not_in_time(SECONDS)
        raise WheelError(f"The plugin cannot describe itself: {problem.sentence}.")
    last = ending.errors.decode(errors="replace").strip().rpartition("\n")[2][:MAX_REASON]
    raise WheelError(f"The plugin ended its process with status {ending.status} while it was imported. {last}")


def read_manifest(plugin: str, output: str) -> Manifest:
    """Return the plugin's manifest of all that the environment's packages printed. Raises WheelError."""
    try:
        description = json.loads(output)
        manifests = [Manifest.model_validate(one) for one in description["manifests"] if one["name"] == plugin]
        broken = [str(one["error"]) for one in description["broken"] if one["plugin"] == plugin]
    except (ValueError, KeyError, TypeError) as error:
        raise WheelError(f"What {plugin} says about itself cannot be read: {error}") from None
    if broken:
        raise WheelError(f"The plugin cannot be loaded from its wheel: {broken[0]}")
    if not manifests:
        raise WheelError("The plugin has no entry point. Add [project.entry-points.gptstore] to its pyproject.toml.")
    return manifests[0]
