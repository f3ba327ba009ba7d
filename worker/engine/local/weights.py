"""Checks a model's weights on disk: safetensors only, since a pickle can run code when it is opened."""

import json
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

from worker.engine.errors import ModelLoadError

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
_MAX_HEADER_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Weights:
    """The size of a model's weights, from the files' headers. parameters: their number."""

    parameters: int


def read_weights(folder: Path) -> Weights:
    """Check a model folder's weights without loading them. Raises ModelLoadError when they are missing or corrupt."""
    files = _files(folder)
    headers = [_read_header(file) for file in files]
    shapes = [entry["shape"] for header in headers for name, entry in header.items() if name != "__metadata__"]
    return Weights(sum(prod(shape) for shape in shapes))


def _files(folder: Path) -> list[Path]:
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    if (folder / INDEX).is_file():
        try:
            names = sorted(set(json.loads((folder / INDEX).read_text())["weight_map"].values()))
        except (ValueError, KeyError, AttributeError) as error:
            raise ModelLoadError(f"The file {folder / INDEX} is damaged. Copy the model again.") from error
        if missing := [name for name in names if not (folder / name).is_file()]:
            raise ModelLoadError(
                f"{len(missing)} of {len(names)} weight files of {folder} are missing, such as {missing[0]}. "
                "Copy or download the model again."
            )
        return [folder / name for name in names]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelLoadError(
            f"The folder {folder} has weights in pickle format only, which can run code when opened. "
            "Convert them to safetensors (model.save_pretrained in transformers does), or choose a model that has them."
        )
    raise ModelLoadError(f"The folder {folder} has no weights: {SINGLE} is missing. Copy or download the model again.")


def _read_header(file: Path) -> dict[str, dict[str, list[int]]]:
    """Read the JSON header of a safetensors file: its length as 8 bytes little-endian, then that many bytes."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > _MAX_HEADER_BYTES:
                raise ValueError("header too long")
            header: dict[str, dict[str, list[int]]] = json.loads(stream.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        if file.stat().st_size != 8 + length + max(ends, default=0):
            raise ValueError("cut off")
        return header
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelLoadError(
            f"The weights in {file} are damaged or only partly downloaded. Copy or download the model again."
        ) from error
