"""Reads the manifests of plugins, all at the same time, and checks that each speaks only for itself."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gptstore.sdk import Manifest
from gptstore.sdk.import_problems import ended_early, not_in_time, printed_too_much
from gptstore.sdk.text import storable
from worker.hosts.describe.errors import NotDescribed
from worker.hosts.describe.manifest_cache import keep, read_kept
from worker.hosts.describe.process import MAX_BYTES, Ending, run_process
from worker.hosts.sandbox import seccomp
from worker.hosts.sandbox.delete_folder import delete_folder
from worker.hosts.sandbox.environment import LAUNCH, PythonEnvironment, launcher_variables
from worker.hosts.sandbox.isolation_level import Level, LevelName, probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import FOR_PROBES, user_for

MODULE = "gptstore.sdk.host.describe"
SECONDS_SETTING = "GPTSTORE_PLUGIN_IMPORT_SECONDS"
MIN_AT_A_TIME = 4
MAX_REASON = 1000


@dataclass(frozen=True)
class Terms:
    """What a describing process gets. seconds: to import its plugin. memory: bytes. lowest: the level that it needs.

    sandbox: whether it is confined, as far as the machine can; on Linux only.
    """

    seconds: float = 10.0
    memory: int = 1 << 30
    lowest: LevelName = "none"
    sandbox: bool = True


class Broken(BaseModel):
    plugin: str
    error: str


class Description(BaseModel):
    """The answer of `gptstore.sdk.host.describe`."""

    manifests: list[Manifest]
    broken: list[Broken]


def read_manifests(environments: Mapping[str, PythonEnvironment], terms: Terms) -> dict[str, Any]:
    """Return `{"manifests": [...], "broken": [{"plugin", "error"}]}` of these plugins, in their order."""
    manifests, broken = [], []
    kept = {plugin: read_kept(environment, plugin, terms.lowest) for plugin, environment in environments.items()}
    others = {plugin: environment for plugin, environment in environments.items() if kept[plugin] is None}
    with ThreadPoolExecutor(max(MIN_AT_A_TIME, os.cpu_count() or 1)) as pool:
        found = [*{*others.values()}]
        levels = dict(zip(found, pool.map(lambda one: level_of(one, terms), found), strict=True))
        reading = {
            plugin: pool.submit(read_manifest, number, plugin, environment, levels[environment], terms)
            for number, (plugin, environment) in enumerate(others.items())
        }
    for plugin, environment in environments.items():
        try:
            manifest = kept[plugin] or reading[plugin].result()
            if kept[plugin] is None:
                keep(environment, plugin, terms.lowest, manifest)
            manifests.append(manifest.model_dump(mode="json"))
        except NotDescribed as error:
            broken.append({"plugin": plugin, "error": str(error)})
    return {"manifests": manifests, "broken": broken}


def level_of(environment: PythonEnvironment, terms: Terms) -> Level | None:
    """Return the level of isolation; None where nothing is confined."""
    return probe(environment) if terms.sandbox and sys.platform == "linux" else None


def read_manifest(
    number: int, plugin: str, environment: PythonEnvironment, level: Level | None, terms: Terms
) -> Manifest:
    """Let one plugin describe itself. Raises NotDescribed."""
    name, missing = (level.name, "; ".join(level.missing)) if level else ("none", "a sandbox, which only Linux has")
    if terms.lowest != "none" and not (level and level.is_at_least(terms.lowest)):
        raise NotDescribed(f"the sandbox has the level {name}, not {terms.lowest} (GPTSTORE_SANDBOX_LEVEL): {missing}")
    if level is None:
        command = environment.command(MODULE, plugin)
        return check(plugin, run_process(command, environment.variables, terms.seconds), terms)
    config = PluginConfig(plugin, environment, level)
    user = user_for(number % FOR_PROBES) if level.own_user else None
    with own_folder(user) as folder:
        seal = seccomp.program(processes=False) if level.seccomp else b""
        command = environment.command(MODULE, plugin, "--seal", seal.hex())
        policy = config.policy(folder, user, terms.memory)
        launch = [*LAUNCH, policy.encode(), str(os.getpid()), str(folder)]
        return check(plugin, run_process([*launch, *command], launcher_variables(), terms.seconds), terms)


@contextmanager
def own_folder(user: int | None) -> Iterator[Path]:
    """Make a folder for a process of this user, for as long as it runs."""
    folder = Path(tempfile.mkdtemp(prefix="gptstore-describe-"))
    try:
        if user is not None:
            os.chown(folder, user, user)
        yield folder
    finally:
        if problems := delete_folder(folder):
            sys.stderr.write(f"{folder} could not be deleted: {problems[0]}\n")


def check(plugin: str, ending: Ending, terms: Terms) -> Manifest:
    """Return the plugin's own manifest of all that its process printed. Raises NotDescribed."""
    if ending.output.is_full:
        raise NotDescribed(f"its description is longer than {MAX_BYTES} bytes")
    if ending.errors.is_full:
        raise NotDescribed(printed_too_much().sentence)
    if ending.status is None:
        raise NotDescribed(f"{not_in_time(terms.seconds).message} ({SECONDS_SETTING})")
    if ending.status != 0:
        raise NotDescribed(as_reason(f"{ended_early(ending.status).message}. {ending.errors.last_line}"))
    try:
        description = Description.model_validate_json(ending.output.data, extra="ignore")
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise NotDescribed(as_reason(f"its description cannot be read: {place}: {fault['msg']}")) from None
    for manifest in description.manifests:
        if manifest.name == plugin:
            return manifest
    errors = [broken.error for broken in description.broken if broken.plugin == plugin]
    raise NotDescribed(as_reason(errors[0] if errors else "no package of this name has an entry point"))


def as_reason(text: str) -> str:
    """Return the text as one line that can be stored."""
    return storable(" ".join(text.split()))[:MAX_REASON]
