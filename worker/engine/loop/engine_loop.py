"""The engine's loop: schedule, run, emit. All requests share each step."""

import logging
from dataclasses import replace
from time import monotonic
from typing import Generic

from worker.engine.errors import EngineError, OutOfMemory
from worker.engine.loop.engine_thread import Front
from worker.engine.loop.kv import KVCache
from worker.engine.loop.model_runner import Core, G, Made
from worker.engine.loop.scheduler import Limits, Plan, Scheduler
from worker.engine.protocol import EngineStats, ModelInfo, Output, Prompt, Sink
from worker.engine.rate import Rate
from worker.engine.request_state import Ticket

logger = logging.getLogger(__name__)

_STRIKES = 3
_EASE_STEPS = 50


class BatchEngine(Front, Generic[G]):
    """Serves requests with a core. `limits` says how much at a time, `kv` how much is remembered."""

    def __init__(self, core: Core[G], limits: Limits, kv: KVCache) -> None:
        super().__init__()
        self._core = core
        self._limits = limits
        self._scheduler: Scheduler[G] = Scheduler(limits, kv)
        self._opened: dict[Ticket, G] = {}
        self._rate = Rate()
        self._prompt_tokens = self._cached_tokens = self._completion_tokens = 0
        self._strikes = 0
        self._good_steps = 0

    @property
    def info(self) -> ModelInfo:
        return self._core.info

    @property
    def is_busy(self) -> bool:
        return bool(self._scheduler.running or self._scheduler.waiting)

    def count_tokens(self, prompt: Prompt) -> int:
        return self._core.count_tokens(prompt) if prompt else 0

    def release(self) -> None:
        self._core.close()

    def translate(self, error: Exception) -> EngineError:
        if self._core.is_out_of_memory(error):
            return OutOfMemory("The model ran out of memory on this request. Try a shorter text, or try again later.")
        return super().translate(error)

    def check(self, ticket: Ticket) -> None:
        generation = self._core.open(ticket)
        ticket.prompt_tokens = generation.prompt_length
        self._opened[ticket] = generation

    def accept(self, ticket: Ticket) -> None:
        self._scheduler.add(self._opened[ticket])

    def withdraw(self, ticket: Ticket, *, failed: bool = False) -> None:
        generation = self._opened.pop(ticket, None)
        if generation is not None and self._scheduler.has(generation):
            self._scheduler.remove(generation, failed=failed)

    def step(self) -> None:
        plan = self._scheduler.plan()
        for chunk in plan.chunks:
            self._begin(chunk.sequence)
        begun_at = monotonic()
        try:
            made = self._core.run(plan)
        except Exception as error:
            self._recover(plan, error)
            return
        self._scheduler.note(plan)
        self._rate.add(sum(one.token is not None for one in made), monotonic() - begun_at)
        self._ease()
        self._emit(made)

    def stats(self) -> EngineStats:
        with self._changed:
            open_tickets, finished = len(self._tickets), self._finished
        running, kv = len(self._scheduler.running), self._scheduler.kv
        return EngineStats(
            waiting=max(0, open_tickets - running),
            running=running,
            finished=finished,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
            tokens_per_second=self._rate.per_second(),
            cached_tokens=self._cached_tokens,
            preempted=self._scheduler.preempted,
            kv_tokens=kv.tokens,
            kv_used=kv.used,
            step_seconds=self._rate.seconds_each(),
        )

    def _begin(self, generation: G) -> None:
        ticket = generation.ticket
        if ticket.started_at is None:
            ticket.start()
            ticket.cached_tokens = generation.cached
            self._prompt_tokens += generation.prompt_length
            self._cached_tokens += generation.cached

    def _emit(self, made: list[Made[G]]) -> None:
        outputs: list[tuple[Sink, Output]] = []
        for one in made:
            ticket, count = one.generation.ticket, 0
            if one.token is not None:
                one.generation.tokens.append(one.token)
                count = 1
            self._completion_tokens += count
            one.generation.told += len(one.logprobs)
            if output := ticket.take(one.text, count, one.logprobs):
                outputs.append((ticket.sink, output))
            reason = "error" if one.error else "stop" if ticket.stop.found else one.reason
            if reason:
                self.withdraw(ticket, failed=one.error is not None)
                if last := self.end(ticket, reason, one.error):
                    outputs.append((ticket.sink, last))
        self.send(outputs)

    def _recover(self, plan: Plan[G], error: Exception) -> None:
        """A step failed. Everybody begins anew, fewer at a time; one who fails alone is the one to blame."""
        if self._core.is_fatal(error):
            raise error
        together = [chunk.sequence for chunk in plan.chunks]
        logger.exception("step failed", extra={"request_ids": [one.ticket.request.id for one in together]})
        for generation in reversed(self._scheduler.running[:]):
            self._scheduler.preempt(generation)
        self._scheduler.kv.clear()
        short_of_memory, limits = self._core.is_out_of_memory(error), self._scheduler.limits
        if len(together) > 1 or (short_of_memory and limits.step_tokens > limits.chunk_tokens):
            self._restrict(max(1, len(together) // 2))
            return
        if not short_of_memory:
            self._strikes += 1
            if self._strikes == _STRIKES:
                raise error
        for generation in together:
            self.withdraw(generation.ticket)
            self.finish([generation.ticket], "error", self.translate(error))

    def _restrict(self, running: int) -> None:
        limits = self._scheduler.limits
        fewer = max(limits.chunk_tokens, limits.step_tokens // 2)
        self._scheduler.limits = replace(limits, running=running, step_tokens=fewer)
        self._good_steps = 0

    def _ease(self) -> None:
        """After a while without trouble, do more at a time again."""
        self._strikes = 0
        limits = self._scheduler.limits
        if limits == self._limits:
            return
        self._good_steps += 1
        if self._good_steps % _EASE_STEPS == 0:
            running = min(self._limits.running, limits.running * 2)
            tokens = min(self._limits.step_tokens, limits.step_tokens * 2)
            self._scheduler.limits = replace(limits, running=running, step_tokens=tokens)
