"""A model that would say something else here than in transformers is refused when it is loaded, with the reason."""

from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from tests.worker.engine.families import greedy, make_model
from tests.worker.engine.models import byte_level_tokenizer
from worker.engine.errors import ModelLoadError
from worker.engine.local.checkpoint import context_length
from worker.engine.local.verify import patch_model

LONGROPE = {"rope_type": "longrope", "short_factor": [1.0] * 4, "long_factor": [4.0] * 4}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("gemma2", {}, "soft-capped"),
    ("gpt_oss", {}, "attention sinks"),
    ("bloom", {}, "can't be replaced"),
    ("mpt", {"d_model": 32, "n_heads": 4, "n_layers": 2}, "can't be replaced"),
    ("rwkv", {"attention_hidden_size": 32}, "can't be replaced"),
    ("gptj", {"n_embd": 32, "n_head": 4, "n_layer": 2, "rotary_dim": 8, "n_inner": 64}, "can't be replaced"),
    ("llama4_text", {}, "chunked_attention"),
    ("phimoe", {"sliding_window": 100}, "does not tell its sliding window"),
    ("qwen3_next", {}, "can't be replaced"),
    ("minimax", {}, "only 1 of its 2 layers"),
    ("phi3", {"rope_scaling": LONGROPE, "original_max_position_embeddings": 16}, "other results"),
]


@pytest.mark.parametrize(("family", "changes", "reason"), REFUSED)
def test_a_model_that_cannot_be_run_exactly_is_refused_with_a_reason_and_a_way_out(
    family: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ModelLoadError) as refusal:
        patch_model("owner/some-model", make_model(family, **changes), 256)

    assert reason in refusal.value.message
    assert "owner/some-model" in refusal.value.message
    assert "GPTSTORE_ENGINE_URL" in refusal.value.message
    assert not refusal.value.retryable


TAKEN = ["gemma3", "smollm3", "qwen3_moe", "mixtral", "olmo3", "cohere2", "glm4", "starcoder2", "opt"]


@pytest.mark.parametrize("family", TAKEN)
def test_other_models_with_plain_attention_are_taken(family: str) -> None:
    patch_model(family, make_model(family), 256)


def test_a_refused_model_can_still_be_used_by_transformers() -> None:
    model = make_model("gemma2")
    before = greedy(model, [1, 2, 3], 5)

    with pytest.raises(ModelLoadError):
        patch_model("gemma2", model, 256)

    assert greedy(model, [1, 2, 3], 5) == before


@pytest.mark.parametrize(
    ("family", "changes", "expected"),
    [
        ("phi3", {}, 256),
        ("llama", {"rope_scaling": {"rope_type": "linear", "factor": 2.0}}, 256),
        ("phi3", {"rope_scaling": LONGROPE, "original_max_position_embeddings": 32}, 32),
    ],
)
def test_the_context_ends_where_a_model_would_turn_all_its_keys_another_way(
    family: str, changes: dict[str, Any], expected: int
) -> None:
    model = make_model(family, **changes)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level_tokenizer())

    assert context_length(model.config, tokenizer) == expected
    patch_model(family, model, expected)
