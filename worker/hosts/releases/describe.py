"""Describes the plugins of releases for the catalogue. Each describes itself in the sandbox."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from worker.hosts.releases.deployed import Deployed
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.sandbox.environment import ROOT, PythonEnvironment, launcher_variables
from worker.hosts.sandbox.isolation_level import LevelName, probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import FOR_PROBES, user_for
from worker.hosts.sandbox.supervisor import LAUNCH

SECONDS = 60


def describe_all(deployed: Deployed, lowest: LevelName) -> dict[str, Any]:
    """Return `{"manifests": [...], "broken": [{"plugin", "error"}]}`, as `gptstore.sdk.describe` does."""
    manifests: list[Any] = []
    broken = [{"plugin": name, "error": reason} for name, reason in deployed.broken.items()]
    for plugin, environment in deployed.environments.items():
        try:
            described = describe(plugin, environment, lowest)
        except ReleaseError as error:
            broken.append({"plugin": plugin, "error": str(error)})
        else:
            manifests += described["manifests"]
            broken += described["broken"]
    return {"manifests": manifests, "broken": broken}


def describe(plugin: str, environment: PythonEnvironment, lowest: LevelName) -> dict[str, Any]:
    """Return what the plugin describes, in the same form. Raises ReleaseError."""
    level = probe(environment)
    if not level.is_at_least(lowest):
        missing = "; ".join(level.missing)
        raise ReleaseError(f"the sandbox has the level {level.name}, not {lowest} (GPTSTORE_SANDBOX_LEVEL): {missing}")
    with tempfile.TemporaryDirectory(prefix="gptstore-describe-") as folder:
        done = launch(PluginConfig(plugin, environment, level), Path(folder))
    try:
        described: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ReleaseError(f"it did not describe itself: {done.stderr.strip()[-1000:] or done.returncode}") from None
    return described


def launch(config: PluginConfig, folder: Path) -> subprocess.CompletedProcess[str]:
    user = user_for(FOR_PROBES) if config.level.own_user else None
    if user is not None:
        os.chown(folder, user, user)
    policy, command = config.policy(folder, user), config.environment.command("gptstore.sdk.describe")
    try:
        return subprocess.run(
            [*LAUNCH, policy.encode(), str(os.getpid()), str(folder), *command],
            cwd=ROOT,
            env=launcher_variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReleaseError(f"it did not describe itself within {SECONDS} s") from None
