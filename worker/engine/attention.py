"""Attention over the arena, registered with transformers, so that its models run unchanged.

transformers calls the function for each layer of each step with queries, keys and values of the step's rows. It stores
the keys and values, and lets each row attend to the tokens of its own request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

from worker.engine.arena import Arena
from worker.engine.batch import Batch, Run, Segment

NAME = "gptstore"

_here = local()


class Unsupported(Exception):
    """Raised when a model asks attention for something that is not done here, so that its output would be wrong."""


@contextmanager
def step(batch: Batch, arena: Arena) -> Iterator[None]:
    """Run a model on this thread on this batch."""
    _here.batch, _here.arena = batch, arena
    try:
        yield
    finally:
        _here.batch = _here.arena = None


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """What transformers calls: query, key, value (1, heads, rows, width) in; (1, rows, heads, width) out."""
    refuse(attention_mask, others)
    batch, arena = _here.batch, _here.arena
    layer = module.layer_idx
    arena.write(layer, batch.slots, key[0], value[0])
    out = query.new_empty(query.shape[2], query.shape[1], value.shape[-1])  # (rows, heads, width)
    for run in batch.runs:
        here = slice(run.row, run.row + len(run.lengths))
        out[here] = _attend_run(batch, arena, layer, run, query[0, :, here], scaling, sliding_window)
    for segment in batch.segments:
        here = slice(segment.row, segment.row + segment.count)
        rows = query[:, :, here]
        if segment.past == 0:
            keys, values = key[:, :, here], value[:, :, here]
        else:
            keys, values = arena.read(layer, segment.start, segment.past + segment.count)
        out[here] = _attend_segment(batch, segment, rows, keys, values, scaling, sliding_window)
    return out[None], None


def _attend_run(
    batch: Batch, arena: Arena, layer: int, run: Run, query: Tensor, scaling: float | None, window: int | None
) -> Tensor:
    """One row of each request: query (heads, n, width) in, (n, heads, width) out."""
    count = len(run.lengths)
    keys, values = arena.read_spaced(layer, run.start, run.gap, count, run.longest)
    heads, width = keys.shape[1], query.shape[-1]
    rows = query.transpose(0, 1).reshape(count, heads, -1, width).to(keys.dtype)  # query heads by the key head they use
    name = (run.row, window)
    if name not in batch.masks:
        batch.masks[name] = mask_run(run, window, query.device)
    out = scaled_dot_product_attention(rows, keys, values, attn_mask=batch.masks[name], scale=scaling)
    return out.reshape(count, -1, values.shape[-1])


def _attend_segment(
    batch: Batch,
    segment: Segment,
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    scaling: float | None,
    window: int | None,
) -> Tensor:
    """Rows of one prompt: query (1, heads, count, width) in, (count, heads, width) out."""
    name = (segment.row, window)
    if name not in batch.masks:
        batch.masks[name] = mask_segment(segment, window, query.device)
    mask = batch.masks[name]
    out = scaled_dot_product_attention(
        query.to(keys.dtype),
        keys,
        values,
        attn_mask=mask,
        is_causal=mask is None,
        scale=scaling,
        enable_gqa=query.shape[1] != keys.shape[1],
    )
    return out[0].transpose(0, 1)


def mask_run(run: Run, window: int | None, device: torch.device) -> Tensor | None:
    """Which of the longest one's tokens each request sees: shape (n, 1, 1, longest); None: all see all."""
    longest = run.longest
    if min(run.lengths) == longest and (window is None or longest <= window):
        return None
    at = torch.arange(longest, device=device)
    lengths = torch.tensor(run.lengths, device=device)[:, None]
    seen = at < lengths
    if window is not None:
        seen &= at >= lengths - window
    return seen[:, None, None]


def mask_segment(segment: Segment, window: int | None, device: torch.device) -> Tensor | None:
    """Which tokens each row sees: shape (count, past + count); None: all before it, and nothing is past."""
    whole = segment.past + segment.count
    if segment.past == 0 and (window is None or whole <= window):
        return None
    rows = torch.arange(segment.past, whole, device=device)[:, None]
    at = torch.arange(whole, device=device)
    seen = at <= rows
    if window is not None:
        seen &= at > rows - window
    return seen


def refuse(attention_mask: Tensor | None, others: dict[str, Any]) -> None:
    """Refuse what would be left out silently. Raises Unsupported."""
    if attention_mask is not None:
        raise Unsupported("its attention needs a mask or bias of its own")
    for name, meaning in _REFUSED.items():
        if others.get(name) is not None:
            raise Unsupported(f"its attention uses {meaning}")
    if others.get("is_causal") is False:
        raise Unsupported("its attention looks ahead")


_REFUSED = {
    "softcap": "soft-capped scores",
    "s_aux": "attention sinks",
    "sinks": "attention sinks",
    "position_bias": "a position bias",
    "indices": "a selection of tokens",
    "block_indices": "a selection of tokens",
}

AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, lambda *_, **__: None)
