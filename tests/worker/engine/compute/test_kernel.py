"""The kernel sees what PyTorch's attention sees, and without a compiler PyTorch does the work."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from tests.worker.engine.families import as_text, greedy, make_engine, make_model
from tests.worker.engine.listener import Listener
from worker.engine.compute.arena import Arena, LayerShape
from worker.engine.compute.batch import arrange, build_batch
from worker.engine.compute.cpu.kernel import Kernel, build_kernel, build_kernels
from worker.engine.loop.prefix import Extent
from worker.engine.loop.sequence import Sequence
from worker.engine.model.patched_model import PatchedModel
from worker.engine.params import SamplingParams
from worker.engine.protocol import Request

CPU = torch.device("cpu")
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 0.02}


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CC", "")
    build_kernel.cache_clear()
    yield
    build_kernel.cache_clear()


def sure(kernel: Kernel | None) -> Kernel:
    assert kernel is not None, "these tests need a C compiler"
    return kernel


def chunk(extent: Extent, start: int, count: int) -> Sequence:
    sequence = Sequence(tokens=[0] * (start + count), prompt_length=1, max_length=extent.size, reusable=0)
    sequence.extent, sequence.read, sequence.scheduled = extent, start, count
    return sequence


def expected_rows(arena: Arena, one: Sequence, query: Tensor, window: int | None) -> Tensor:
    """query: (heads, count, width). Returns (count, heads, value width), in float32."""
    extent = one.extent
    assert extent is not None
    seen = one.read + one.scheduled
    keys, values = (part.float() for part in arena.read(0, extent.start, extent.size, 1, seen))
    group = len(query) // len(keys)
    keys, values = keys.repeat_interleave(group, 0), values.repeat_interleave(group, 0)
    rows, at = torch.arange(one.read, seen)[:, None], torch.arange(seen)
    mask = (at <= rows) & (at > rows - window if window else True)
    return scaled_dot_product_attention(query.float(), keys, values, attn_mask=mask).transpose(0, 1)


@pytest.mark.parametrize("window", [None, 5, 40])
@pytest.mark.parametrize(("heads", "kv_heads"), [(3, 3), (8, 2), (7, 1)])
@pytest.mark.parametrize(("key_width", "value_width"), [(64, 64), (128, 128), (48, 96), (24, 8), (40, 16)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rows_see_what_they_would_see_with_pytorch(
    dtype: torch.dtype, key_width: int, value_width: int, heads: int, kv_heads: int, window: int | None
) -> None:
    torch.manual_seed(0)
    kernel = sure(build_kernel(dtype, key_width, value_width))
    arena = Arena({0: LayerShape(kv_heads, key_width, value_width)}, 512, dtype, CPU)
    for stored in arena.layer(0):
        stored.normal_()
    chunks = arrange(
        [
            chunk(Extent(0, 64), 0, 1),
            chunk(Extent(64, 64), 63, 1),
            chunk(Extent(192, 128), 30, 1),
            chunk(Extent(128, 64), 0, 11),
            chunk(Extent(384, 128), 70, 30),
        ]
    )
    batch = build_batch(chunks, [], CPU)
    count = batch.tokens.shape[1]
    # heads in the middle of the memory, as models that compute all three at once have them
    query = torch.randn(count, heads + 2, key_width).to(dtype)[:, 1:-1].transpose(0, 1)
    key, value = (torch.randn(kv_heads, count, width).to(dtype) for width in (key_width, value_width))
    out = torch.empty(count, heads, value_width, dtype=dtype)

    kernel.attend(query, key, value, arena.layer(0), batch, out, key_width**-0.5, window or 0)

    at = 0
    for one in chunks:
        here = slice(at, at + one.scheduled)
        found = expected_rows(arena, one, query[:, here], window)
        assert torch.allclose(out[here].float(), found, atol=TOLERANCE[dtype]), (one.read, one.scheduled)
        extent = one.extent
        assert extent is not None
        keys, values = arena.read(0, extent.start, extent.size, 1, one.read + one.scheduled)
        assert torch.equal(keys[:, one.read :], key[:, here])
        assert torch.equal(values[:, one.read :], value[:, here])
        at += one.scheduled


def test_a_row_sees_the_same_whoever_is_beside_it() -> None:
    torch.manual_seed(0)
    kernel = sure(build_kernel(torch.float32, 64, 64))
    arena = Arena({0: LayerShape(2, 64, 64)}, 4096, torch.float32, CPU)
    for stored in arena.layer(0):
        stored.normal_()
    query, key, value = (torch.randn(2, 32, 64) for _ in range(3))

    def attend(rows: slice) -> Tensor:
        chunks = [chunk(Extent(128 * at, 128), 3 * at, 1) for at in range(32)[rows]]
        out = torch.empty(len(chunks), 2, 64)
        mine = query[:, rows], key[:, rows], value[:, rows]
        kernel.attend(mine[0], mine[1], mine[2], arena.layer(0), build_batch(chunks, [], CPU), out, 1.0)
        return out

    together = attend(slice(0, 32))

    assert torch.equal(attend(slice(9, 10)), together[9:10])
    assert torch.equal(attend(slice(20, 23)), together[20:23])


def test_a_number_that_is_none_stays_one_and_stays_with_its_row() -> None:
    for dtype in (torch.float32, torch.bfloat16):
        arena = Arena({0: LayerShape(1, 16, 16)}, 128, dtype, CPU)
        query = torch.ones(1, 2, 16, dtype=dtype)
        query[0, 0] = torch.nan
        out = torch.empty(2, 1, 16, dtype=dtype)
        batch = build_batch([chunk(Extent(0, 64), 5, 1), chunk(Extent(64, 64), 5, 1)], [], CPU)
        key = torch.ones(1, 2, 16, dtype=dtype)

        sure(build_kernel(dtype, 16, 16)).attend(query, key, key, arena.layer(0), batch, out, 1.0)

        assert out[0].isnan().all()
        assert out[1].isfinite().all()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_any_number_of_threads_sees_the_same(threads: int) -> None:
    torch.manual_seed(0)
    arena = Arena({0: LayerShape(12, 64, 64)}, 4096, torch.float32, CPU)
    batch = build_batch([chunk(Extent(512 * at, 512), 500, 1) for at in range(8)], [], CPU)
    query = torch.randn(12, 8, 64)
    out, alone = torch.empty(8, 12, 64), torch.empty(8, 12, 64)
    kernel = sure(build_kernel(torch.float32, 64, 64))
    kernel.attend(query, query, query, arena.layer(0), batch, out, 0.125, threads=threads)
    kernel.attend(query, query, query, arena.layer(0), batch, alone, 0.125)

    assert torch.equal(out, alone)


def test_keys_and_values_are_kept_in_the_models_format_only_where_there_is_a_kernel(no_compiler: None) -> None:
    assert PatchedModel(make_model("llama").bfloat16()).kv_dtype == torch.float32


def test_keys_and_values_are_kept_in_the_models_format_with_a_kernel() -> None:
    assert PatchedModel(make_model("llama").bfloat16()).kv_dtype == torch.bfloat16


@pytest.mark.parametrize("family", ["gpt2", "qwen3", "mistral", "phi3"])
def test_without_a_compiler_a_model_says_the_same(family: str, no_compiler: None) -> None:
    engine, listener, model = make_engine(family), Listener(), make_model(family)
    prompts = [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7], [*range(40, 90)]]
    try:
        for number, prompt in enumerate(prompts):
            params = SamplingParams(max_tokens=12, temperature=0)
            engine.submit(Request(f"{number}", as_text(prompt), params), listener)

        for number, prompt in enumerate(prompts):
            assert listener.wait_for_finish(f"{number}").reason == "length"
            assert [int(word) for word in listener.text(f"{number}").split()] == greedy(model, prompt, 12)
    finally:
        engine.close()


def test_the_log_says_why_there_is_no_kernel(no_compiler: None, caplog: pytest.LogCaptureFixture) -> None:
    assert build_kernels({0: LayerShape(1, 64, 64)}, torch.float32) == {}

    assert "install gcc" in str(caplog.records[-1].__dict__["reason"])


def test_a_compiler_that_fails_is_no_disaster(
    no_compiler: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'what is -O3?' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    caplog.set_level(logging.WARNING)

    assert build_kernels({0: LayerShape(1, 64, 64)}, torch.float32) == {}

    assert "what is -O3?" in str(caplog.records[-1].__dict__["reason"])


def test_formats_and_shapes_that_it_does_not_know_are_left_to_pytorch() -> None:
    assert build_kernels({0: LayerShape(1, 64, 64)}, torch.float16) == {}
    assert build_kernels({0: LayerShape(1, 64, 64), 1: LayerShape(1, 20, 4)}, torch.float32) == {}
