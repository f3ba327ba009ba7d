"""The checkpoint of a training, to resume after a stop: weights, optimizers, progress."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch


class CheckpointError(Exception):
    """Raised when a checkpoint doesn't fit the training that should resume from it. A retry can't help."""


@dataclass
class Progress:
    """The progress of a training. `seconds` is time spent training, over all its runs."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Checkpoint:
    """State of model and optimizers, and the progress; the data of a step follow from its number."""

    model: dict[str, Any]
    optimizers: list[dict[str, Any]]
    progress: Progress


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the file at once, so that a stop in the middle leaves the old one."""
    new = path.with_suffix(".new")
    state = {"model": checkpoint.model, "optimizers": checkpoint.optimizers, "progress": asdict(checkpoint.progress)}
    torch.save(state, new)
    os.replace(new, path)


def load_checkpoint(path: Path, device: torch.device) -> Checkpoint | None:
    """Return the checkpoint at `path`, or None if there is none."""
    if not path.exists():
        return None
    saved = torch.load(path, weights_only=True, map_location=device)
    return Checkpoint(saved["model"], saved["optimizers"], Progress(**saved["progress"]))
