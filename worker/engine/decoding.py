"""One request in a model: read the prompt, then make one token a step."""

import inspect
from typing import Any

import torch
from transformers import DynamicCache

from worker.engine.detokenizer import Detokenizer
from worker.engine.sampling import Sampler
from worker.engine.serial import Step


class Decoding:
    """A generation with its own KV cache.

    tokens: the prompt. most: new tokens after which it ends with "length". ends: tokens that end it with "stop".
    """

    def __init__(
        self,
        model: Any,
        tokens: list[int],
        most: int,
        sampler: Sampler,
        detokenizer: Detokenizer,
        ends: frozenset[int],
    ) -> None:
        self.prompt_tokens = len(tokens)
        self._model = model
        self._next = tokens
        self._left = most
        self._sampler = sampler
        self._detokenizer = detokenizer
        self._ends = ends
        self._options = {"use_cache": True} | last_logits_only(model)
        self._cache = DynamicCache(config=model.config.get_text_config(decoder=True))

    @torch.inference_mode()
    def step(self) -> Step:
        inputs = torch.tensor([self._next], device=self._model.device)
        logits = self._model(input_ids=inputs, past_key_values=self._cache, **self._options).logits[0, -1]
        token = self._sampler.pick(logits)
        self._next = [token]
        self._left -= 1
        if token in self._ends:
            return Step(self._detokenizer.finish(), 1, "stop")
        text = self._detokenizer.feed(token)
        if self._left:
            return Step(text, 1)
        return Step(text + self._detokenizer.finish(), 1, "length")


def last_logits_only(model: Any) -> dict[str, int]:
    """The argument that spares the logits of all prompt tokens but the last, for models that know it."""
    return {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(model.forward).parameters else {}
