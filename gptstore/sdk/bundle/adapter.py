"""A LoRA adapter in PEFT's format: its configuration, and weights as safetensors, which hold no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

from gptstore.sdk.bundle.errors import AdapterError
from gptstore.sdk.bundle.format import ADAPTER, ADAPTER_FILES, MAX_TEXT_BYTES

CONFIG, WEIGHTS = ADAPTER_FILES
LENGTH_BYTES = 8
MAX_HEADER = 10_000_000
"""The length of a header: there are a few hundred bytes for each tensor, and a few hundred tensors."""

IGNORED = {"README.md", ".gitattributes", ".git"}


def find_adapter(folder: Path) -> dict[str, Path]:
    """Return the two files of an adapter's folder by their names in a bundle. Raises AdapterError."""
    try:
        names = {path.name for path in folder.iterdir()} - IGNORED
    except OSError as error:
        raise AdapterError(f"The adapter's folder {folder} cannot be read: {error.strerror}.") from None
    for name in ADAPTER_FILES:
        if name not in names:
            raise AdapterError(f"{folder} lacks {name}: save the adapter by PEFT's `save_pretrained`.")
    if other := sorted(names - {*ADAPTER_FILES}):
        raise AdapterError(f"{folder} holds {other[0]}; an adapter is {CONFIG} and {WEIGHTS} only. Move it away.")
    for name in ADAPTER_FILES:
        if (folder / name).is_symlink() or not (folder / name).is_file():
            raise AdapterError(f"{folder / name} is no ordinary file. Put the file itself there.")
    with (folder / CONFIG).open("rb") as config:
        check_config(config.read(MAX_TEXT_BYTES + 1))
    with (folder / WEIGHTS).open("rb") as weights:
        check_weights(weights, (folder / WEIGHTS).stat().st_size)
    return {f"{ADAPTER}{name}": folder / name for name in ADAPTER_FILES}


def check_config(content: bytes) -> None:
    """Check the configuration of an adapter. Raises AdapterError."""
    try:
        config = json.loads(content) if len(content) <= MAX_TEXT_BYTES else None
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict) or str(config.get("peft_type", "")).upper() != "LORA":
        raise AdapterError(f'{CONFIG} is no configuration of a LoRA adapter: it says no "peft_type": "LORA".')
    if config.get("auto_mapping"):
        raise AdapterError(f"{CONFIG} names code of its own (auto_mapping), which no store runs.")


def check_weights(file: BinaryIO, size: int) -> None:
    """Check that a file has the frame of safetensors: a header in JSON, and tensors that fill the rest."""
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    fault = AdapterError(f"{WEIGHTS} is no safetensors file; PEFT writes one unless it is asked for a pickle.")
    if not 2 <= length <= min(MAX_HEADER, size - LENGTH_BYTES):
        raise fault
    try:
        tensors = json.loads(file.read(length))
        spans = sorted(tuple(tensors[name]["data_offsets"]) for name in tensors if name != "__metadata__")
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        raise fault from None
    position = 0
    for span in spans:
        if len(span) != 2 or span[0] != position or not isinstance(span[1], int) or span[1] < position:
            raise fault
        position = span[1]
    if position != size - LENGTH_BYTES - length:
        raise fault
