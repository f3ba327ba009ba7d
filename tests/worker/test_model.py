"""From settings to limits of the engine."""

import pytest

from gptstore.env import Environment
from worker.engine.errors import ModelLoadError
from worker.model import choose_limits, open_engine


def test_limits_are_the_devices_but_for_what_is_set() -> None:
    usual = choose_limits(Environment(device="cpu"))
    chosen = choose_limits(Environment(device="cpu", max_batch=3, prefill_chunk=300))
    assert (usual.running, usual.chunk_tokens) == (64, 64)
    assert (chosen.running, chosen.chunk_tokens) == (3, 300)
    assert chosen.step_tokens == usual.step_tokens


def test_the_memory_of_the_kv_cache_is_what_is_set() -> None:
    # Given a bound
    engine = open_engine(Environment(device="cpu", kv_cache_gb=0.01))
    try:
        larger = engine.stats().kv_tokens
    finally:
        engine.close()
    # Then half of it holds half as much
    engine = open_engine(Environment(device="cpu", kv_cache_gb=0.005))
    try:
        assert engine.stats().kv_tokens == pytest.approx(larger / 2, rel=0.1)
        assert engine.stats().kv_tokens > 0
    finally:
        engine.close()


def test_too_little_memory_for_the_kv_cache_is_said_before_any_job() -> None:
    with pytest.raises(ModelLoadError, match="GPTSTORE_KV_CACHE_GB"):
        open_engine(Environment(device="cpu", kv_cache_gb=0.00001))
