"""The baseline, transformers alone: `generate`, for one prompt after another or for a padded batch."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from bench.engine.crowd import Ask


class Generate:
    """The same weights in the same dtype, with transformers' own attention, taking the likeliest tokens (greedy).

    Tokenizing and decoding are part of the time, as they are part of the engine's. The network is in eval mode and no
    gradients are kept; the attention is what transformers chooses by itself.
    """

    def __init__(self, model: str, device: str, dtype: str) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
        self.network: Any = AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype)).to(device).eval()
        self.network.generation_config.eos_token_id = None
        self.network.generation_config.pad_token_id = 0
        self.tokenizer.pad_token = self.tokenizer.convert_ids_to_tokens(0)

    @property
    def attention(self) -> str:
        return str(self.network.config._attn_implementation)

    def one_by_one(self, asks: Sequence[Ask]) -> float:
        """Return seconds for all prompts, one after another."""
        begun_at = perf_counter()
        for ask in asks:
            self._run([ask], ask.new_tokens)
        return perf_counter() - begun_at

    def together(self, asks: Sequence[Ask]) -> float:
        """Return seconds for one batch: prompts padded on the left, all run as long as the longest answer."""
        begun_at = perf_counter()
        self._run(asks, max(ask.new_tokens for ask in asks))
        return perf_counter() - begun_at

    @torch.inference_mode()
    def _run(self, asks: Sequence[Ask], new_tokens: int) -> None:
        inputs = self.tokenizer([ask.prompt for ask in asks], return_tensors="pt", padding=True).to(self.network.device)
        longest = max(ask.prompt_tokens for ask in asks)
        output = self.network.generate(
            input_ids=inputs.input_ids, attention_mask=inputs.attention_mask, max_new_tokens=new_tokens, do_sample=False
        )
        assert output.shape == (len(asks), longest + new_tokens), output.shape
        self.tokenizer.batch_decode(output[:, longest:])
