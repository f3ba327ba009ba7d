"""Probes a model's attention: finds the shapes that its layers store by having them read a few tokens."""

from threading import local
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from worker.engine.compute.arena import LayerShape
from worker.engine.errors import UnsupportedAttention
from worker.engine.model.attention import check_supported

NAME = "gptstore-probe"

_current = local()


@torch.inference_mode()
def probe_attention(model: Any) -> dict[int, LayerShape]:
    """Return the shape of each attention layer, by number. Raises UnsupportedAttention."""
    shapes: dict[int, LayerShape] = {}
    _current.shapes, _current.windowed = shapes, set()
    before = model.config._attn_implementation
    model.set_attn_implementation(NAME)
    try:
        positions = torch.arange(4, device=model.device)[None]
        model(input_ids=torch.zeros_like(positions), position_ids=positions, use_cache=False)
    except TypeError as error:
        raise UnsupportedAttention("its attention is called in a way of its own, or takes no positions") from error
    finally:
        windowed = _current.windowed
        del _current.shapes, _current.windowed
        model.set_attn_implementation(before)
    config = model.config.get_text_config(decoder=True)
    layers = getattr(config, "num_hidden_layers", len(shapes))
    if len(shapes) != layers:
        raise UnsupportedAttention(f"only {len(shapes)} of its {layers} layers are plain attention")
    _check_reach(config, windowed)
    return shapes


def _check_reach(config: Any, windowed: set[int]) -> None:
    """Refuse attention with a sliding window that it does not pass on. `windowed`: layers that passed one on.

    Such a window can be thousands of tokens long, so that no comparison on a short text would show it.
    """
    kinds = getattr(config, "layer_types", None) or []
    if other := sorted(set(kinds) - {"full_attention", "sliding_attention"}):
        raise UnsupportedAttention(f"it has layers of the kind {other[0]}")
    hidden = [layer for layer, kind in enumerate(kinds) if kind == "sliding_attention" and layer not in windowed]
    window = getattr(config, "sliding_window", None)
    if not kinds and window and window < (getattr(config, "max_position_embeddings", None) or 0):
        hidden = [] if windowed else [0]
    if hidden:
        raise UnsupportedAttention("its attention does not tell its sliding window")


def _record_layer(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **others: Any
) -> tuple[Tensor, None]:
    check_supported(attention_mask, others)
    layer = getattr(module, "layer_idx", None)
    if layer is None or layer in _current.shapes:
        raise UnsupportedAttention("its attention layers have no numbers of their own")
    if others.get("sliding_window") is not None:
        _current.windowed.add(layer)
    _current.shapes[layer] = LayerShape(key.shape[1], key.shape[-1], value.shape[-1])
    out = scaled_dot_product_attention(
        query, key, value, is_causal=True, scale=others.get("scaling"), enable_gqa=query.shape[1] != key.shape[1]
    )
    return out.transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, _record_layer)
