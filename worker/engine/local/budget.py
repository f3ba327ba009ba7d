"""The memory budget of the KV cache: how many tokens it holds."""

import logging
from dataclasses import dataclass

import torch

from worker.engine.errors import ModelLoadError
from worker.engine.local.memory import available_bytes
from worker.engine.loop.allocator import MIN_EXTENT
from worker.engine.model.patched_model import PatchedModel

logger = logging.getLogger(__name__)

_SHARE = {"cuda": 0.85, "mps": 0.4, "cpu": 0.25}
"""Share of the memory that is free after loading. The rest is for activations, and on a CPU for other programs."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The size of a KV cache.

    tokens: the number that it holds. largest: tokens of its largest extent. context_length: tokens of one request.
    """

    tokens: int
    largest: int
    context_length: int
    dtype: torch.dtype


def choose_budget(model: PatchedModel, running: int, context_length: int, given_bytes: int | None) -> Budget:
    """Choose room for `running` requests of full length, or as much as there is memory for. Raises ModelLoadError."""
    dtype = model.kv_dtype
    each = sum(shape.numbers for shape in model.shapes.values()) * dtype.itemsize
    free = available_bytes(model.device)
    if given_bytes is not None:
        room = given_bytes
    else:
        room = 2**32 if free is None else int(free * _SHARE[model.device.type])
    largest = -(-context_length // MIN_EXTENT) * MIN_EXTENT
    tokens = min(room // each, running * largest) // MIN_EXTENT * MIN_EXTENT
    if free is not None and tokens * each > free:
        raise ModelLoadError(
            f"GPTSTORE_KV_CACHE_GB asks for {tokens * each / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free beside "
            "the model. Lower it, or leave it out."
        )
    if tokens < MIN_EXTENT:
        raise ModelLoadError(
            f"The KV cache needs at least {MIN_EXTENT * each / 1e6:.1f} MB for {MIN_EXTENT} tokens, but has "
            f"{room / 1e6:.1f} MB. Raise GPTSTORE_KV_CACHE_GB, or choose a smaller model."
        )
    if tokens < largest:
        logger.warning("context shortened to fit the KV cache", extra={"from": context_length, "to": tokens})
    return Budget(tokens, min(largest, tokens), min(context_length, tokens), dtype)
