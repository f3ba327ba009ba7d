"""A Hugging Face causal language model in this process, on one thread, one request after another."""

import logging
from time import monotonic
from typing import Any

from worker.engine.codec import Codec
from worker.engine.decoding import Decoding
from worker.engine.errors import EngineError, OutOfMemory, PromptTooLong
from worker.engine.memory import free_memory, is_out_of_memory
from worker.engine.params import DEFAULT_MAX_TOKENS, SamplingParams
from worker.engine.protocol import ModelInfo, Prompt, Request
from worker.engine.sampling import Sampler
from worker.engine.serial import Generation, SerialEngine

logger = logging.getLogger(__name__)


class LocalEngine(SerialEngine):
    """Runs a loaded model; `worker.engine.loading.load_engine` makes one.

    model: a causal language model in eval mode that takes a `DynamicCache`.
    codec: its tokenizer.
    ends: the tokens that end a text.

    `max_tokens` is cut to what fits into the context after the prompt; a prompt that leaves no room for one
    token fails with PromptTooLong.
    """

    def __init__(self, model: Any, codec: Codec, info: ModelInfo, ends: frozenset[int]) -> None:
        super().__init__()
        self._model = model
        self._codec = codec
        self._info = info
        self._ends = ends
        self.launch()

    @property
    def info(self) -> ModelInfo:
        return self._info

    def count_tokens(self, prompt: Prompt) -> int:
        return len(self._codec.encode(prompt)) if prompt else 0

    def start(self, request: Request) -> Generation:
        tokens = self._codec.encode(request.prompt)
        room = self._info.context_length - len(tokens)
        if room < 1:
            raise PromptTooLong(len(tokens), self._info.context_length)
        most = min(request.params.max_tokens or DEFAULT_MAX_TOKENS, room)
        sampler = Sampler(request.params, self._model.device)
        detokenizer = self._codec.detokenizer(request.prompt, tokens)
        ends = frozenset[int]() if request.params.ignore_end else self._ends
        return Decoding(self._model, tokens, most, sampler, detokenizer, ends)

    def translate(self, error: Exception) -> EngineError:
        if is_out_of_memory(error):
            free_memory()
            return OutOfMemory("The model ran out of memory on this request. Try a shorter text, or try again later.")
        return super().translate(error)

    def prepare(self) -> None:
        """Make a few tokens, so that the first request does not pay for what is set up lazily."""
        begun_at = monotonic()
        tokens = [0] * max(1, min(16, self._info.context_length - 4))
        sampler = Sampler(SamplingParams(top_p=0.9, seed=0), self._model.device)
        decoding = Decoding(self._model, tokens, 4, sampler, self._codec.detokenizer("", tokens), frozenset())
        while decoding.step().reason is None:
            pass
        logger.info("engine warmed up", extra={"seconds": monotonic() - begun_at})

    def release(self) -> None:
        self._model = None
        free_memory()
