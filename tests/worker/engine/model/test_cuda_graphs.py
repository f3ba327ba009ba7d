"""Padded and recorded steps, as on a GPU. What is recorded is run by Python here, and by CUDA where there is a GPU."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.worker.engine.families import VOCABULARY, as_text, greedy, make_engine, make_model
from tests.worker.engine.listener import Listener
from worker.engine.compute.arena import Arena
from worker.engine.compute.batch import pad_length
from worker.engine.loop.prompt_lookup import PromptLookup
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.model.cuda_graphs import CudaGraphs
from worker.engine.model.patched_model import PatchedModel
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Request


class Recorder:
    """Counts what is recorded, and runs it again when it is replayed."""

    def __init__(self) -> None:
        self.recorded = 0
        self.replayed = 0

    def __call__(self, work: Callable[[], Tensor]) -> Callable[[], Tensor]:
        self.recorded += 1

        def replay() -> Tensor:
            self.replayed += 1
            return work()

        return replay


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Makes every model pad its batches and record its decode steps."""
    recorder, use_arena = Recorder(), PatchedModel.use_arena

    def use_and_record(self: PatchedModel, arena: Arena) -> None:
        use_arena(self, arena)
        self._graphs = CudaGraphs(self._run, arena, recorder)

    monkeypatch.setattr("worker.engine.model.patched_model.build_kernels", lambda *_: {})  # they are for CPUs
    monkeypatch.setattr(PatchedModel, "pads", True)
    monkeypatch.setattr(PatchedModel, "use_arena", use_and_record)
    return recorder


@pytest.fixture(params=["gpt2", "llama", "mistral", "qwen3", "gemma3_text"])
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(recorder: Recorder, family: str) -> Iterator[Engine]:
    engine: Any = make_engine(family)
    yield engine
    engine.close()


def check_against_generate(engine: Engine, model: Any) -> None:
    rng = Random(3)
    prompts = [[rng.randrange(VOCABULARY) for _ in range(rng.randint(1, 100))] for _ in range(7)]
    listener = Listener()
    for number, prompt in enumerate(prompts):
        params = SamplingParams(max_tokens=20 + 9 * number, temperature=0)
        engine.submit(Request(f"{number}", as_text(prompt), params), listener)
    for number, prompt in enumerate(prompts):
        assert listener.wait_for_finish(f"{number}").reason == "length"
        said = [int(word) for word in listener.text(f"{number}").split()]
        assert said == greedy(model, prompt, 20 + 9 * number), number


def test_recorded_steps_say_what_generate_says(engine: Engine, family: str, recorder: Recorder) -> None:
    check_against_generate(engine, make_model(family))

    assert recorder.replayed > 20
    assert recorder.recorded < 20


def test_recorded_steps_confirm_guesses(recorder: Recorder, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three guesses at a time, of which the last is wrong; each is a row of a recorded step."""
    model, prompts = make_model(family), [[number, 5, 7] * number for number in range(1, 6)]
    known = [prompt + greedy(model, prompt, 30) for prompt in prompts]

    def propose(self: PromptLookup, tokens: list[int], most: int) -> list[int]:
        text = next(text for text in known if text[: len(tokens)] == tokens)
        return [*text[len(tokens) : len(tokens) + 2], VOCABULARY - 1][:most]

    monkeypatch.setattr(PromptLookup, "propose", propose)
    engine: Any = make_engine(family, BatchLimits(drafts=24))
    listener = Listener()
    for number, prompt in enumerate(prompts):
        engine.submit(Request(f"{number}", as_text(prompt), SamplingParams(max_tokens=30, temperature=0)), listener)
    for number, text in enumerate(known):
        listener.wait_for_finish(f"{number}")
        assert listener.text(f"{number}") == as_text(text[len(prompts[number]) :])
    assert engine.stats().accepted_tokens > 50
    assert recorder.replayed >= 9
    engine.close()


def test_a_step_that_cannot_be_recorded_is_run_the_usual_way(
    engine: Engine, family: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: Recorder, work: Callable[[], Tensor]) -> Callable[[], Tensor]:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(Recorder, "__call__", refuse)

    check_against_generate(engine, make_model(family))
    assert caplog.messages.count("decode steps of this model can't be recorded") == 1


def test_lengths_are_padded_to_few_sizes() -> None:
    assert [pad_length(length) for length in (1, 64, 65, 128, 129, 1000)] == [64, 64, 128, 128, 256, 1024]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral"])
def test_cuda_graphs_say_what_generate_says(name: str) -> None:
    engine: Any = make_engine(name, device="cuda")
    try:
        check_against_generate(engine, make_model(name))
        assert engine._runner._model._graphs._recordings
    finally:
        engine.close()
