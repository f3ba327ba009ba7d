"""Layers with int8 weights say what their originals said, but for the rounding of weights."""

import weakref
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from tests.worker.engine.families import SUPPORTED, make_model
from worker.engine.compute.cpu.int8 import build_int8_kernel
from worker.engine.compute.cpu.threads import CpuThreads
from worker.engine.local.verify import expected_logits, patch_model, sample_tokens
from worker.engine.model.int8_layers import Int8Embedding, Int8Linear, quantize, quantize_model

DTYPES = [torch.float32, torch.bfloat16]


@pytest.fixture(params=["kernel", "torch"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With our kernel, and as where there is no compiler."""
    build_int8_kernel.cache_clear()
    if request.param == "torch":
        monkeypatch.setenv("CC", "")
    yield
    build_int8_kernel.cache_clear()


def make_layer(layer: nn.Module, dtype: torch.dtype) -> Int8Linear:
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, Tensor)
    rounded = quantize(weight.t() if isinstance(layer, Conv1D) else weight, dtype)
    return Int8Linear(*rounded, bias, dtype, CpuThreads(2, 0))


def restored(layer: Int8Linear) -> Tensor:
    return layer.weight.float() * layer.scale[:, None]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("rows", [1, 3, 4, 70])
@pytest.mark.parametrize("kind", ["linear", "linear without bias", "conv1d", "many outputs"])
@torch.inference_mode()
def test_a_layer_multiplies_by_its_rounded_weights(way: None, kind: str, rows: int, dtype: torch.dtype) -> None:
    torch.manual_seed(rows)
    width, outputs = 96, (4133 if kind == "many outputs" else 71)
    made = Conv1D(outputs, width) if kind == "conv1d" else nn.Linear(width, outputs, bias=kind != "linear without bias")
    layer = make_layer(made.to(dtype), dtype)
    given = torch.randn(1, rows, width).to(dtype)

    out = layer(given)

    exact = given.float() @ restored(layer).t() + (0 if layer.bias is None else layer.bias.float())
    assert (out.shape, out.dtype) == ((1, rows, outputs), dtype)
    assert float((out.float() - exact).abs().max()) <= (2**-7 if dtype == torch.bfloat16 else 2**-11) * float(
        exact.abs().max()
    )


@torch.inference_mode()
def test_what_a_row_gets_does_not_depend_on_others() -> None:
    torch.manual_seed(0)
    layer = make_layer(nn.Linear(768, 100).bfloat16(), torch.bfloat16)
    given = torch.randn(33, 768).bfloat16()

    assert torch.equal(layer(given), torch.cat([layer(row[None]) for row in given]))


@torch.inference_mode()
def test_the_largest_sums_do_not_overflow() -> None:
    layer = make_layer(nn.Linear(32_768, 4, bias=False), torch.float32)
    layer.weight.fill_(127)

    out = layer(torch.full((1, 32_768), 3.0))

    assert torch.allclose(out, 3.0 * 32_768 * 127 * layer.scale)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
@torch.inference_mode()
def test_numbers_that_are_not_finite_are_not_hidden(bad: float) -> None:
    layer, given = make_layer(nn.Linear(64, 8), torch.float32), torch.ones(3, 64)
    given[1, 5] = bad

    out = layer(given)

    assert not out[1].isfinite().any()
    assert out[[0, 2]].isfinite().all()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_weights_are_rounded_by_half_a_step_at_most(dtype: torch.dtype) -> None:
    weight = torch.randn(50, 64).to(dtype)
    weight[7] = 0

    rounded, scale = quantize(weight, dtype)

    assert ((rounded * scale[:, None] - weight.float()).abs() <= scale[:, None] * 0.501).all()
    assert torch.equal(scale, scale.to(dtype).float())


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("family", SUPPORTED)
def test_each_architecture_gives_nearly_its_logits(family: str, dtype: torch.dtype) -> None:
    model = make_model(family).to(dtype)
    tokens = sample_tokens(model, 64)
    before = expected_logits(model, tokens)

    quantize_model(model, CpuThreads(1, 0))

    after = expected_logits(model, tokens)
    assert 0 < float((after - before).abs().mean()) < 0.2 * float(before.std())
    assert not any(type(layer) in (nn.Linear, Conv1D) for layer in model.modules())
    patch_model(family, model, 256)  # and with our attention the same


@torch.inference_mode()
def test_a_tied_embedding_shares_the_rounded_table() -> None:
    model = make_model("qwen3", tie_word_embeddings=True)
    table = model.get_input_embeddings().weight.clone()

    quantize_model(model, CpuThreads(1, 0))

    embedding = model.get_input_embeddings()
    assert isinstance(embedding, Int8Embedding)
    assert embedding.weight.data_ptr() == model.lm_head.weight.data_ptr()
    tokens = torch.arange(128)[None]
    assert torch.allclose(embedding(tokens)[0], table, atol=float(table.abs().max()) / 127)


def test_an_embedding_of_its_own_stays() -> None:
    model = make_model("llama", tie_word_embeddings=False)
    embedding = model.get_input_embeddings()

    quantize_model(model, CpuThreads(1, 0))

    assert model.get_input_embeddings() is embedding
    assert isinstance(model.lm_head, Int8Linear)


def test_a_layer_of_a_shape_that_no_kernel_takes_stays() -> None:
    model = make_model("llama", intermediate_size=50)

    quantize_model(model, CpuThreads(1, 0))

    assert type(model.model.layers[0].mlp.down_proj) is nn.Linear
    assert isinstance(model.model.layers[0].mlp.up_proj, Int8Linear)


def test_each_layer_is_let_go_before_the_next() -> None:
    """Or a model would need half as much memory again while it is loaded."""
    model = make_model("llama")
    layers = [weakref.ref(layer) for layer in model.modules() if type(layer) is nn.Linear]
    left: list[int] = []
    unwatched = nn.Module.__setattr__

    def watch(module: nn.Module, name: str, value: object) -> None:
        unwatched(module, name, value)  # type: ignore[arg-type]
        if isinstance(value, Int8Linear):
            left.append(sum(layer() is not None for layer in layers))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.Module, "__setattr__", watch)
        quantize_model(model, CpuThreads(1, 0))

    assert left == list(range(len(layers), 0, -1))
