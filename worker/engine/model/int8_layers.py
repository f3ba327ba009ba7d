"""Layers with int8 weights, one scale for each output: a quarter or half of the memory, which a step reads once.

Only weights are rounded. What goes in and comes out has the model's dtype, and sums are as exact as without.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import GELUTanh, NewGELUActivation
from transformers.pytorch_utils import Conv1D

from worker.engine.compute.cpu.int8 import BoundKernel, build_int8_kernel, takes_shape
from worker.engine.compute.cpu.threads import CpuThreads

_LARGEST = 127


class Int8Linear(nn.Module):
    """A linear layer. weight: int8 (outputs, inputs). scale: float32 (outputs), each a number of the model's dtype."""

    weight: Tensor
    scale: Tensor

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None, dtype: torch.dtype, threads: CpuThreads):
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("scale", scale, persistent=False)
        self.bias = bias
        self.out_features, self.in_features = weight.shape
        self.threads = threads
        self._torch_scale = scale.to(dtype)
        kernel = build_int8_kernel(dtype) if weight.device.type == "cpu" else None
        self._kernel: BoundKernel | None = None if kernel is None else kernel.bind(weight, scale, bias)

    def forward(self, rows: Tensor) -> Tensor:
        if self._kernel is not None:
            return self._kernel.multiply(rows, self.threads.count)
        flat = rows.reshape(-1, self.in_features)
        self.threads.use_all()
        out = torch.ops.aten._weight_int8pack_mm(flat.contiguous(), self.weight, self._torch_scale)
        self.threads.use_few()
        if self.bias is not None:
            out += self.bias
        return out.view(*rows.shape[:-1], self.out_features)  # type: ignore[no-any-return]


class Int8Embedding(nn.Module):
    """The table of an embedding that is the output layer's too, which it shares."""

    weight: Tensor
    scale: Tensor

    def __init__(self, head: Int8Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("weight", head.weight, persistent=False)
        self.register_buffer("scale", head.scale, persistent=False)
        self._dtype = dtype

    def forward(self, tokens: Tensor) -> Tensor:
        return (self.weight[tokens] * self.scale[tokens][..., None]).to(self._dtype)


def can_quantize(model: Any) -> bool:
    """Return whether the model's weights can be kept in int8 here: on a CPU and on CUDA, but not float16 on a CPU."""
    return bool(model.device.type == "cuda" or (model.device.type == "cpu" and model.dtype != torch.float16))


@torch.inference_mode()
def quantize_model(model: Any, threads: CpuThreads) -> None:
    """Replace the linear layers of a model one after another, each let go before the next.

    Those whose number of inputs no kernel takes stay: PyTorch's own reads past the end of such a row. An embedding that
    shares its table with the output layer shares the int8 table; all others stay as they are.
    """
    dtype, table = model.dtype, model.get_input_embeddings()
    head = model.get_output_embeddings()
    is_tied = head is not None and head.weight is table.weight and type(table) is nn.Embedding
    for name in [name for name, _ in model.named_modules()]:  # not the layers, or all would be kept until the end
        module = model.get_submodule(name)
        if type(module) is NewGELUActivation or type(module) is GELUTanh:
            _replace(model, name, nn.GELU("tanh"))
        elif (replaced := _quantize_layer(module, dtype, threads)) is not None:
            if is_tied and module is head:
                model.set_input_embeddings(Int8Embedding(replaced, dtype))
            _replace(model, name, replaced)
    threads.packed = True


def quantize(weight: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Round weights (outputs, inputs) to int8. Returns them and each output's scale, in float32.

    Scales are numbers of `dtype`, the next above the exact one, so that all kernels multiply by the same.
    """
    numbers = weight.contiguous().float()
    exact = (numbers.abs().amax(1) / _LARGEST).clamp_min(torch.finfo(torch.float32).tiny)
    scale = exact.to(dtype)
    scale = torch.where(scale.float() < exact, torch.nextafter(scale, torch.full_like(scale, torch.inf)), scale).float()
    return (numbers / scale[:, None]).round_().clamp_(-_LARGEST, _LARGEST).to(torch.int8), scale


def _quantize_layer(layer: nn.Module, dtype: torch.dtype, threads: CpuThreads) -> Int8Linear | None:
    if type(layer) is nn.Linear:
        weight = layer.weight
    elif type(layer) is Conv1D:
        weight = layer.weight.t()
    else:
        return None
    if not takes_shape(weight):
        return None
    bias = None if layer.bias is None else layer.bias.detach()
    return Int8Linear(*quantize(weight.detach(), dtype), bias, dtype, threads)


def _replace(model: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, layer)
