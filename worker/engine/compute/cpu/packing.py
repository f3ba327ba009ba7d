"""Packs weights into the layout of the CPU's matrix kernels, once instead of at each use.

On 2 cores a bfloat16 layer of 768 by 3072 takes 0.14 ms a token packed, 0.28 ms as nn.Linear and 0.38 ms as GPT-2's
Conv1D; 32 tokens at a time 0.26, 0.43 and 0.52 ms. The operators are those that torch.compile uses when it freezes a
model.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import GELUActivation, GELUTanh, NewGELUActivation
from transformers.models.gpt2.modeling_gpt2 import GPT2MLP
from transformers.models.gpt_neox.modeling_gpt_neox import GPTNeoXMLP
from transformers.pytorch_utils import Conv1D

from worker.engine.compute.cpu.threads import CpuThreads


class PackedLinear(nn.Module):
    """A linear layer whose weight (output, input) is kept packed. Takes and gives bfloat16.

    gelu: "none" (exact) or "tanh" when GELU follows it and is fused into it; None: it does not.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, threads: CpuThreads, gelu: str | None = None) -> None:
        super().__init__()
        self.threads = threads
        self.out_features, self.in_features = weight.shape
        self.packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
        self.bias = bias
        self.after: tuple[str, list[None], str] = ("none", [], "") if gelu is None else ("gelu", [], gelu)

    def forward(self, rows: Tensor) -> Tensor:
        self.threads.use_all()
        out: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self.packed, self.bias, *self.after)
        self.threads.use_few()
        return out


def can_pack(model: Any) -> bool:
    """Return whether the model's linear layers can be packed here."""
    return bool(
        model.device.type == "cpu"
        and model.dtype == torch.bfloat16
        and torch.backends.mkldnn.is_available()
        and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


@torch.inference_mode()
def pack(model: nn.Module, threads: CpuThreads) -> None:
    """Replace the linear layers of a model by packed ones, which also do the GELU that follows, with all threads."""
    for name in [name for name, _ in model.named_modules()]:  # not the layers, or all would be kept until the end
        module = model.get_submodule(name)
        if type(module) in _MLPS:
            _pack_mlp(module, _MLPS[type(module)], threads)
        if packed := _pack_layer(module, threads):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, packed)
    threads.packed = True


_MLPS = {GPT2MLP: "c_fc", GPTNeoXMLP: "dense_h_to_4h"}
"""Layers whose output goes to `act` and nowhere else."""
_GELUS = {NewGELUActivation: "tanh", GELUTanh: "tanh", GELUActivation: "none"}


def _pack_mlp(mlp: nn.Module, first: str, threads: CpuThreads) -> None:
    gelu = _GELUS.get(type(mlp.act))
    if gelu and (packed := _pack_layer(mlp.get_submodule(first), threads, gelu)):
        setattr(mlp, first, packed)
        mlp.act = nn.Identity()


def _pack_layer(layer: nn.Module, threads: CpuThreads, gelu: str | None = None) -> PackedLinear | None:
    if type(layer) is nn.Linear:
        return PackedLinear(layer.weight, layer.bias, threads, gelu)
    if type(layer) is Conv1D:
        return PackedLinear(layer.weight.t(), layer.bias, threads, gelu)
    return None
