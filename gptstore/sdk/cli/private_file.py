"""JSON files that only their owner can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import typer

from gptstore.sdk.cli.errors import CommandError


def config_folder() -> Path:
    """Return the folder for the command's settings, such as `~/.config/gptstore`."""
    return Path(typer.get_app_dir("gptstore"))


def read_json(path: Path) -> dict[str, Any]:
    """Return the file's object, an empty one when there is no file. Raises CommandError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read ({error}); mend it, or delete it and log in again.") from None
    if not isinstance(found, dict):
        raise CommandError(f"{path} holds no object; delete it and log in again.")
    return found


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replace the file as a whole. At no moment can other users read it, where the system has such rights."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2)
        made.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
