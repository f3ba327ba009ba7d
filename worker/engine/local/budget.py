"""How much memory the KV cache gets, and how many tokens that is."""

import logging
from dataclasses import dataclass

import torch

from worker.engine.errors import ModelLoadError
from worker.engine.local.memory import available_bytes
from worker.engine.loop.allocator import SMALLEST
from worker.engine.model.patched_model import Network

logger = logging.getLogger(__name__)

_SHARE = {"cuda": 0.85, "mps": 0.4, "cpu": 0.25}
"""Of the memory that is free once the model is loaded. The rest is for activations, and on a CPU for everybody else."""


@dataclass(frozen=True, slots=True)
class Budget:
    """tokens: room in the cache. largest: the largest stretch of it. context_length: what a request may use."""

    tokens: int
    largest: int
    context_length: int
    dtype: torch.dtype


def choose_budget(network: Network, running: int, context_length: int, given_bytes: int | None) -> Budget:
    """Room for so many running requests of full length, or as many as there is memory for. Raises ModelLoadError."""
    dtype = network.kv_dtype
    each = sum(shape.numbers for shape in network.shapes.values()) * dtype.itemsize
    free = available_bytes(network.device)
    if given_bytes is not None:
        room = given_bytes
    else:
        room = 2**32 if free is None else int(free * _SHARE[network.device.type])
    largest = -(-context_length // SMALLEST) * SMALLEST
    tokens = min(room // each, running * largest) // SMALLEST * SMALLEST
    if free is not None and tokens * each > free:
        raise ModelLoadError(
            f"GPTSTORE_KV_CACHE_GB asks for {tokens * each / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free beside "
            "the model. Lower it, or leave it out."
        )
    if tokens < SMALLEST:
        raise ModelLoadError(
            f"The KV cache needs at least {SMALLEST * each / 1e6:.1f} MB for {SMALLEST} tokens, but has "
            f"{room / 1e6:.1f} MB. Raise GPTSTORE_KV_CACHE_GB, or choose a smaller model."
        )
    if tokens < largest:
        logger.warning("context shortened to fit the KV cache", extra={"from": context_length, "to": tokens})
    return Budget(tokens, min(largest, tokens), min(context_length, tokens), dtype)
