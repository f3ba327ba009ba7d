"""Packed weights say what the layers said."""

import weakref
from collections.abc import Callable

import pytest
import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from tests.worker.engine.families import make_model
from worker.engine.compute.cpu.packing import PackedLinear, can_pack, pack
from worker.engine.compute.cpu.threads import CpuThreads
from worker.engine.local.verify import expected_logits, sample_tokens, verify_logits
from worker.engine.model.patched_model import PatchedModel

TAKES_BFLOAT16 = can_pack(make_model("gpt2").bfloat16())


def needs_bfloat16(test: Callable[..., None]) -> Callable[..., None]:
    reason = "needs a CPU whose matrix kernels take bfloat16"
    return pytest.mark.bfloat16(pytest.mark.skipif(not TAKES_BFLOAT16, reason=reason)(test))


@needs_bfloat16
@pytest.mark.parametrize("rows", [1, 3, 64])
@pytest.mark.parametrize("kind", ["linear", "linear without bias", "conv1d"])
@torch.inference_mode()
def test_a_packed_layer_equals_its_original_to_rounding(kind: str, rows: int) -> None:
    torch.manual_seed(0)
    layer = Conv1D(96, 64) if kind == "conv1d" else nn.Linear(64, 96, bias=kind == "linear")
    model = nn.Sequential(layer).bfloat16()
    given = torch.randn(1, rows, 64).bfloat16()
    expected = model(given).float()

    pack(model, CpuThreads(1, 0))

    assert isinstance(model[0], PackedLinear)
    assert torch.allclose(model(given).float(), expected, atol=0.02, rtol=0.02)


@needs_bfloat16
@pytest.mark.parametrize(
    ("family", "first", "changes"),
    [
        ("gpt2", "transformer.h.0.mlp.c_fc", {"activation_function": "gelu_new"}),
        ("gpt2", "transformer.h.0.mlp.c_fc", {"activation_function": "gelu_pytorch_tanh"}),
        ("gpt_neox", "gpt_neox.layers.0.mlp.dense_h_to_4h", {"hidden_act": "gelu"}),
    ],
)
@torch.inference_mode()
def test_gelu_is_done_with_the_product_before_it(family: str, first: str, changes: dict[str, str]) -> None:
    model = make_model(family, **changes).bfloat16()
    mlp = model.get_submodule(first.rpartition(".")[0])
    given = 4 * torch.randn(1, 5, model.config.hidden_size).bfloat16()
    expected = mlp.act(model.get_submodule(first)(given)).float()

    pack(model, CpuThreads(1, 0))

    assert type(mlp.act) is nn.Identity
    assert torch.allclose(model.get_submodule(first)(given).float(), expected, atol=0.02, rtol=0.02)


@needs_bfloat16
def test_another_activation_is_left_alone() -> None:
    model = make_model("gpt2", activation_function="relu").bfloat16()
    act = model.transformer.h[0].mlp.act

    pack(model, CpuThreads(1, 0))

    assert model.transformer.h[0].mlp.act is act


@needs_bfloat16
@pytest.mark.parametrize("family", ["gpt2", "llama", "qwen3", "gpt_neox"])
def test_a_packed_model_says_what_it_said(family: str) -> None:
    model = make_model(family).bfloat16()
    tokens = sample_tokens(model, 64)
    expected = expected_logits(model, tokens)
    patched = PatchedModel(model)

    pack(model, patched.threads)

    verify_logits(patched, tokens, expected)


@needs_bfloat16
def test_each_layer_is_let_go_before_the_next_is_packed() -> None:
    """Or a model would need twice its memory while it is loaded."""
    left: list[int] = []

    class Watching(nn.Sequential):
        def __setattr__(self, name: str, value: torch.Tensor | nn.Module) -> None:
            super().__setattr__(name, value)
            if isinstance(value, PackedLinear):
                left.append(sum(layer() is not None for layer in layers))

    model = Watching(*(nn.Linear(8, 8, dtype=torch.bfloat16) for _ in range(4)))
    layers = [weakref.ref(layer) for layer in model]

    pack(model, CpuThreads(1, 0))

    assert left == [4, 3, 2, 1]  # the one just replaced is still at hand


def test_a_model_in_float32_is_left_alone() -> None:
    assert not can_pack(make_model("llama"))
