"""How much room the KV cache gets."""

import pytest

from tests.worker.engine.families import make_model
from worker.engine.errors import ModelLoadError
from worker.engine.local import budget
from worker.engine.local.budget import choose_budget
from worker.engine.model.patched_model import PatchedModel

A_TOKEN = 2 * 2 * 2 * 8 * 4
"""Bytes: 2 layers, keys and values, 2 heads of 8 numbers, float32."""


@pytest.fixture(scope="module")
def model() -> PatchedModel:
    return PatchedModel(make_model("llama"))


def test_room_for_all_running_requests_where_there_is_memory(model: PatchedModel) -> None:
    found = choose_budget(model, running=4, context_length=250, given_bytes=None)

    assert (found.tokens, found.largest, found.context_length) == (4 * 256, 256, 250)


def test_a_bound_in_bytes_is_kept(model: PatchedModel) -> None:
    found = choose_budget(model, running=64, context_length=250, given_bytes=1000 * A_TOKEN)

    assert found.tokens == 960
    assert found.context_length == 250


def test_the_context_gets_shorter_where_it_does_not_fit(model: PatchedModel, caplog: pytest.LogCaptureFixture) -> None:
    found = choose_budget(model, running=64, context_length=250, given_bytes=200 * A_TOKEN)

    assert (found.tokens, found.largest, found.context_length) == (192, 192, 192)
    assert "context shortened to fit the KV cache" in caplog.messages


def test_a_bound_that_holds_next_to_nothing_is_refused(model: PatchedModel) -> None:
    with pytest.raises(ModelLoadError, match=r"at least 0\.0 MB for 64 tokens.*GPTSTORE_KV_CACHE_GB"):
        choose_budget(model, running=64, context_length=250, given_bytes=10 * A_TOKEN)


def test_a_bound_beyond_the_free_memory_is_refused(model: PatchedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "available_bytes", lambda device: 500 * A_TOKEN)

    with pytest.raises(ModelLoadError, match="Lower it"):
        choose_budget(model, running=64, context_length=250, given_bytes=1000 * A_TOKEN)


def test_without_a_bound_most_of_a_cpus_memory_is_left_to_others(
    model: PatchedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "available_bytes", lambda device: 4000 * A_TOKEN)

    assert choose_budget(model, running=64, context_length=250, given_bytes=None).tokens == 960
