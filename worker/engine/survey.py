"""What a model's attention layers store, found by watching them read a few tokens."""

from threading import local
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

from worker.engine.arena import LayerShape
from worker.engine.attention import Unsupported, refuse

NAME = "gptstore-survey"

_here = local()


@torch.inference_mode()
def survey(model: Any) -> dict[int, LayerShape]:
    """Return the shape of each attention layer, by number. Raises Unsupported."""
    shapes: dict[int, LayerShape] = {}
    _here.shapes = shapes
    before = model.config._attn_implementation
    model.set_attn_implementation(NAME)
    try:
        positions = torch.arange(4, device=model.device)[None]
        model(input_ids=torch.zeros_like(positions), position_ids=positions, use_cache=False)
    except TypeError as error:
        raise Unsupported("its attention is called in a way of its own, or takes no positions") from error
    finally:
        del _here.shapes
        model.set_attn_implementation(before)
    layers = getattr(model.config.get_text_config(decoder=True), "num_hidden_layers", len(shapes))
    if len(shapes) != layers:
        raise Unsupported(f"only {len(shapes)} of its {layers} layers are plain attention")
    return shapes


def _watch(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **others: Any
) -> tuple[Tensor, None]:
    refuse(attention_mask, others)
    layer = getattr(module, "layer_idx", None)
    if layer is None or layer in _here.shapes:
        raise Unsupported("its attention layers have no numbers of their own")
    _here.shapes[layer] = LayerShape(key.shape[1], key.shape[-1], value.shape[-1])
    out = scaled_dot_product_attention(
        query, key, value, is_causal=True, scale=others.get("scaling"), enable_gqa=query.shape[1] != key.shape[1]
    )
    return out.transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, _watch)
AttentionMaskInterface.register(NAME, lambda *_, **__: None)
