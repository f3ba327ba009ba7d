"""Keeps the manifest of a release in its environment, which never changes: so a sync describes only what is new."""

import json
import os
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from gptstore.sdk import Manifest
from worker.hosts.sandbox.environment import PythonEnvironment


def read_kept(environment: PythonEnvironment, plugin: str, level: str) -> Manifest | None:
    """Return the manifest that was kept; None for a plugin that is installed beside the worker."""
    if not environment.library:
        return None
    try:
        return Manifest.model_validate_json(path_of(environment, plugin, level).read_bytes())
    except (OSError, ValidationError):
        return None


def keep(environment: PythonEnvironment, plugin: str, level: str, manifest: Manifest) -> None:
    """Keep it beside the packages, where the plugin can read it, and change nothing."""
    if not environment.library:
        return
    path = path_of(environment, plugin, level)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):  # the environment is another user's
        draft.write_text(manifest.model_dump_json(), encoding="utf-8")
        draft.replace(path)


def path_of(environment: PythonEnvironment, plugin: str, level: str) -> Path:
    """Return where it is kept. level: the lowest of the sandbox at which it was described."""
    return environment.folder / f"manifest-{plugin}-{level}-{schema_digest()}.json"


@cache
def schema_digest() -> str:
    """Return what changes when manifests get other fields: those of an older store are described anew."""
    return sha256(json.dumps(Manifest.model_json_schema()).encode()).hexdigest()[:8]
