"""The KV cache takes memory from the machine as it is written to."""

from pathlib import Path

import pytest
import torch

from worker.engine.compute.arena import Arena, LayerShape

STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    return int(STATM.read_text().split()[1]) * 4096


@pytest.mark.skipif(not STATM.exists(), reason="needs Linux")
def test_a_cache_that_is_not_used_takes_no_memory() -> None:
    before = resident_bytes()

    arena = Arena({0: LayerShape(4, 64, 64)}, 200_000, torch.bfloat16, torch.device("cpu"))  # 205 MB

    assert resident_bytes() - before < 20_000_000
    keys, values = arena.layer(0)
    assert not keys[:100].any()
    assert not values[-100:].any()
    keys[:100_000] = 1
    assert resident_bytes() - before > 10_000_000


def test_a_layer_without_values_has_no_memory_of_its_own() -> None:
    arena = Arena({0: LayerShape(2, 8, 0)}, 10, torch.float32, torch.device("cpu"))

    assert [tuple(one.shape) for one in arena.layer(0)] == [(22, 8), (22, 0)]
