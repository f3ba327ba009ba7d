"""From settings to limits of the engine."""

import subprocess
import sys
from queue import SimpleQueue
from typing import Any, Literal

import pytest

from gptstore.env import Environment
from worker.engine.errors import ModelLoadError
from worker.engine.params import SamplingParams
from worker.engine.protocol import Message, Output, Prompt, Request
from worker.process.open_engine import choose_limits, open_engine


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


@pytest.mark.parametrize(
    "prompt", ["Say this  back.", (Message("system", "Be kind."), Message("user", "Say this  back."))]
)
def test_without_a_model_the_prompt_is_said_back_word_by_word(prompt: Prompt) -> None:
    engine = open_engine(Environment(model="echo"))
    try:
        outputs: SimpleQueue[Output] = SimpleQueue()
        engine.submit(Request("1", prompt, SamplingParams()), lambda batch: [*map(outputs.put, batch)])
        said = [outputs.get(timeout=5)]
        while said[-1].finish is None:
            said.append(outputs.get(timeout=5))
    finally:
        engine.close()
    assert [output.text for output in said if output.text] == ["Say ", "this  ", "back."]
    assert sum(output.tokens for output in said) == 3


def test_without_a_model_torch_is_not_loaded() -> None:
    program = (
        "import sys; from gptstore.env import Environment; from worker.process.open_engine import open_engine;"
        "open_engine(Environment(model='echo')).close(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


@pytest.mark.parametrize(("wanted", "drafts"), [("auto", True), ("on", True), ("off", False)])
def test_prompt_lookup_is_on_on_a_cpu_unless_it_is_switched_off(
    wanted: Literal["auto", "on", "off"], drafts: bool
) -> None:
    engine: Any = open_engine(Environment(device="cpu", kv_cache_gb=0.01, prompt_lookup=wanted))
    try:
        assert bool(engine._scheduler.limits.drafts) == drafts
    finally:
        engine.close()
