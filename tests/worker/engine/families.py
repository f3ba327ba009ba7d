"""Small models of many families with random weights, and engines on them whose text is token numbers."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

from worker.engine.compute.arena import Arena
from worker.engine.local.budget import choose_budget
from worker.engine.local.local_runner import LocalRunner
from worker.engine.local.verify import patch_model
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.kv import KVCache
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.protocol import ModelInfo

VOCABULARY = 128
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 256,
    "initializer_range": 0.5,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}
OWN_SHAPES: dict[str, dict[str, Any]] = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256},
    "gpt_neox": {"num_key_value_heads": 4},
    "mistral": {"sliding_window": 8},
    "qwen2": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1},
    "opt": {"ffn_dim": 64, "word_embed_proj_dim": 32, "init_std": 0.5},
    "bloom": {"n_head": 4, "n_layer": 2},
    "olmo2": {},
    "granite": {"logits_scaling": 2.0, "residual_multiplier": 0.5},
    "gemma3_text": {
        "tie_word_embeddings": False,
        "sliding_window": 8,
        "layer_types": ["sliding_attention", "full_attention"],
    },
}
OWN_SHAPES["gemma3"] = {  # reads images too, which nobody shows it
    "text_config": SHAPE | OWN_SHAPES["gemma3_text"],
    "vision_config": {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    | {"image_size": 28, "patch_size": 14},
}
SUPPORTED = [
    "gpt2",
    "gpt_neox",
    "llama",
    "mistral",
    "qwen2",
    "qwen3",
    "gemma",
    "gemma3_text",
    "phi3",
    "olmo2",
    "granite",
]


class NumberTokenizer:
    """Text is numbers with spaces between them: one number a token."""

    is_chat = False

    def encode(self, prompt: Any, *, thinking: bool = False) -> list[int]:
        return [int(word) for word in prompt.split()]

    def encode_continued(self, prompt: Any, continuation: str) -> tuple[list[int], int]:
        tokens = self.encode(prompt)
        return tokens + self.encode(continuation), len(tokens)

    def thoughts(self, prompt: Any, params: Any) -> None:
        """Return nothing: numbers have no thoughts."""

    def detokenizer(self, prompt: Any, tokens: Sequence[int]) -> "NumberTokenizer":
        return self

    def feed(self, token: int) -> str:
        return f"{token} "

    def spell(self, token: int) -> bytes:
        return self.feed(token).encode()

    def finish(self) -> str:
        return ""


def make_model(family: str, **changes: Any) -> Any:
    """A model in float32, the same at each call. `changes` are to its config."""
    torch.manual_seed(0)
    config = CONFIG_MAPPING[family](**(SHAPE | OWN_SHAPES.get(family, {}) | changes))
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()


def make_engine(
    family: str,
    limits: BatchLimits | None = None,
    kv_tokens: int | None = None,
    device: str = "cpu",
    **changes: Any,
) -> BatchEngine[Any]:
    """An engine with a cache of so many tokens. `changes` are to the model's config."""
    model, limits = make_model(family, **changes).to(device), limits or BatchLimits()
    patched = patch_model(family, model, 256)
    budget = choose_budget(patched, limits.running, 256, None)
    tokens = kv_tokens or budget.tokens
    info = ModelInfo(family, min(256, tokens), False, model.num_parameters(), device, "float32")
    arena = Arena(patched.shapes, tokens, budget.dtype, patched.device)
    tokenizer: Any = NumberTokenizer()
    runner = LocalRunner(patched, arena, tokenizer, info, frozenset())
    engine = BatchEngine(runner, limits, KVCache(tokens, min(budget.largest, tokens)))
    engine.launch()
    return engine


def as_text(tokens: Sequence[int]) -> str:
    return "".join(f"{token} " for token in tokens)


def greedy(model: Any, prompt: Sequence[int], count: int) -> list[int]:
    """What transformers itself says."""
    output = model.generate(torch.tensor([list(prompt)]), max_new_tokens=count, do_sample=False)
    return list(output[0, len(prompt) :].tolist())
