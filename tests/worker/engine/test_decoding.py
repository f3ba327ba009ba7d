"""The decode loop says what transformers' own `generate` says, token for token."""

import pytest
import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

from worker.engine.decoding import Decoding
from worker.engine.params import SamplingParams
from worker.engine.sampling import Sampler

PROMPT = [5, 17, 3, 42, 8, 5, 17, 99, 61, 7, 23]
NEW_TOKENS = 24
SHAPE = {
    "vocab_size": 128,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 64,
    "initializer_range": 0.5,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}
OWN_SHAPES = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
    "gpt_neox": {"num_key_value_heads": 4},
    "mistral": {"sliding_window": 8},
    "opt": {"ffn_dim": 64, "word_embed_proj_dim": 32, "init_std": 0.5},
    "bloom": {"n_head": 4, "n_layer": 2},
}


class TokenRecorder:
    """Takes the place of a detokenizer."""

    def __init__(self) -> None:
        self.tokens: list[int] = []

    def feed(self, token: int) -> str:
        self.tokens.append(token)
        return ""

    def finish(self) -> str:
        return ""


@pytest.mark.parametrize(
    "family", ["gpt2", "gpt_neox", "llama", "mistral", "qwen2", "qwen3", "gemma", "phi3", "opt", "bloom"]
)
def test_greedy_equals_generate(family: str) -> None:
    torch.manual_seed(0)
    config = CONFIG_MAPPING[family](**(SHAPE | OWN_SHAPES.get(family, {})))
    model = AutoModelForCausalLM.from_config(config).eval()
    expected = model.generate(torch.tensor([PROMPT]), max_new_tokens=NEW_TOKENS, do_sample=False)[0, len(PROMPT) :]

    recorder = TokenRecorder()
    sampler = Sampler(SamplingParams(temperature=0), model.device)
    decoding = Decoding(model, PROMPT, NEW_TOKENS, sampler, recorder, frozenset())
    while decoding.step().reason is None:
        pass

    assert recorder.tokens == expected.tolist()
    assert len(set(recorder.tokens)) > 2
