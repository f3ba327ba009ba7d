"""An engine that says what a script tells it: the real loop, scheduler and stop strings without a model or torch."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

from worker.engine.errors import BadRequest, EngineError, PromptTooLong
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.kv import KVCache
from worker.engine.loop.model_runner import Core, Generation, Made
from worker.engine.loop.scheduler import Limits, Plan
from worker.engine.params import DEFAULT_MAX_TOKENS
from worker.engine.protocol import ModelInfo, Prompt, Request
from worker.engine.request_state import Ticket

logger = logging.getLogger(__name__)

Script = Callable[[Request], Iterable[str]]


@dataclass(eq=False, slots=True, kw_only=True)
class Recital(Generation):
    """One run of a script."""

    pieces: Iterator[str]


class ScriptedCore(Core[Recital]):
    """Makes the next piece of each script a step. A piece is a token; a token of a prompt is a word."""

    def __init__(self, script: Script, info: ModelInfo) -> None:
        self.info = info
        self._script = script

    def count_tokens(self, prompt: Prompt) -> int:
        texts = [prompt] if isinstance(prompt, str) else [message.content for message in prompt]
        return sum(len(text.split()) for text in texts)

    def open(self, ticket: Ticket) -> Recital:
        request = ticket.request
        if request.continuation is not None:
            raise BadRequest("A script makes text, and can't say how likely a text is.")
        count = self.count_tokens(request.prompt)
        room = self.info.context_length - count
        if room < 1:
            raise PromptTooLong(count, self.info.context_length)
        return Recital(
            tokens=[0] * max(1, count),
            prompt_length=count,
            longest=max(1, count) + min(request.params.max_tokens or DEFAULT_MAX_TOKENS, room),
            reusable=0,
            group=request.group,
            weight=request.weight,
            ticket=ticket,
            pieces=iter(self._script(request)),
        )

    def run(self, plan: Plan[Recital]) -> list[Made[Recital]]:
        return [self._recite(chunk.sequence) for chunk in plan.chunks if chunk.is_last]

    def _recite(self, recital: Recital) -> Made[Recital]:
        try:
            piece = next(recital.pieces, None)
        except EngineError as error:
            return Made(recital, error=error)
        except Exception:
            logger.exception("script failed", extra={"request_id": recital.ticket.request.id})
            return Made(recital, error=EngineError("The script failed on this request."))
        if piece is None:
            return Made(recital, reason="stop")
        return Made(recital, piece, 0, reason="length" if len(recital.tokens) + 1 >= recital.longest else None)


class ScriptedEngine(BatchEngine[Recital]):
    """Answers each request with the pieces that `script(request)` gives.

    delay_s: seconds before each step; cancel, deadlines and close do not wait for it.
    kv_tokens: the size of its KV cache, in tokens; None: more than the running requests can fill.
    What the script raises becomes the request's error.
    """

    def __init__(
        self,
        script: Script,
        delay_s: float = 0.0,
        *,
        name: str = "scripted",
        context_length: int = 1024,
        is_chat: bool = True,
        limits: Limits | None = None,
        kv_tokens: int | None = None,
    ) -> None:
        limits = limits or Limits()
        info = ModelInfo(name, context_length, is_chat, parameters=0, device="cpu", dtype="none", demo=True)
        tokens = limits.running * 2 * context_length if kv_tokens is None else kv_tokens
        super().__init__(ScriptedCore(script, info), limits, KVCache(tokens, context_length + 1))
        self._delay_s = delay_s
        self.launch()

    def step(self) -> None:
        if self._pause():
            super().step()

    def _pause(self) -> bool:
        """Wait out the delay; False when something is to be done first."""
        until = monotonic() + self._delay_s
        with self._changed:
            while not (self._sweep_due or self._stopping) and (left := until - monotonic()) > 0:
                deadlines = [one.deadline for one in self._tickets.values() if one.deadline is not None]
                if deadlines and min(deadlines) <= monotonic():
                    return False
                self._changed.wait(min([left, *(one - monotonic() for one in deadlines)]))
            return not (self._sweep_due or self._stopping)
