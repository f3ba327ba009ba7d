"""The device's memory bandwidth, and the bytes that a step has to read: its lower bound of time."""

from statistics import median
from time import perf_counter
from typing import Any

import torch

_COPIED_BYTES = {"cuda": 2**30}
_REPEATS = 9


def copy_bandwidth(device: str) -> float:
    """Measure bytes a second, read and written together, of a copy that fits into no cache."""
    place = torch.device(device)
    source = torch.ones(_COPIED_BYTES.get(place.type, 2**28), dtype=torch.uint8, device=place)
    target = torch.empty_like(source)
    seconds = []
    for _ in range(_REPEATS + 2):
        _wait_for(place)
        begun_at = perf_counter()
        target.copy_(source)
        _wait_for(place)
        seconds.append(perf_counter() - begun_at)
    return 2 * source.numel() / median(seconds[2:])


def bytes_of_a_step(network: Any, requests: int, context: int) -> int:
    """Add up the weights, once, and the keys and values of so many requests with so many tokens each.

    An embedding table that is not the output layer's too does not count: single rows of it are read.
    """
    weights = {id(weight): weight for weight in network.parameters()}
    table = network.get_input_embeddings().weight
    if table is not network.get_output_embeddings().weight:
        del weights[id(table)]
    config = network.config.get_text_config(decoder=True)
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    of_a_token = 2 * config.num_hidden_layers * heads * width * network.dtype.itemsize
    return sum(weight.nbytes for weight in weights.values()) + requests * context * of_a_token


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
