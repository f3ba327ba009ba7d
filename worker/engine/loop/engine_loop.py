"""The engine's loop: schedule, run, emit. All requests share each step (continuous batching)."""

import logging
from dataclasses import replace
from time import monotonic
from typing import Generic

from worker.engine.errors import EngineError, OutOfMemory
from worker.engine.loop.engine_thread import EngineThread
from worker.engine.loop.kv import KVCache
from worker.engine.loop.model_runner import ModelRunner, S
from worker.engine.loop.scheduler import BatchLimits, Plan, Scheduler
from worker.engine.prompt_size import check_counted_size, check_prompt_size
from worker.engine.protocol import EngineStats, ModelInfo, Output, Prompt, Sink
from worker.engine.rate import Rate
from worker.engine.request_state import RequestState, StepOutput

logger = logging.getLogger(__name__)

_MAX_FAILURES = 3
"""Steps of a single request that may fail in a row before the engine stops."""

_EASE_STEPS = 50
"""Successful steps after which a restricted engine does twice as much at a time."""


class BatchEngine(EngineThread, Generic[S]):
    """Serves requests with a model runner, a scheduler and a KV cache."""

    def __init__(self, runner: ModelRunner[S], limits: BatchLimits, kv: KVCache) -> None:
        super().__init__()
        self._runner = runner
        self._limits = limits
        self._scheduler: Scheduler[S] = Scheduler(limits, kv)
        self._sequences: dict[RequestState, S] = {}
        self._rate = Rate()
        self._prompt_tokens = self._cached_tokens = self._completion_tokens = 0
        self._drafted_tokens = self._accepted_tokens = 0
        self._failures = 0
        self._good_steps = 0

    @property
    def info(self) -> ModelInfo:
        return self._runner.info

    @property
    def is_busy(self) -> bool:
        return bool(self._scheduler.running or self._scheduler.waiting)

    def count_tokens(self, prompt: Prompt, *, group: str = "") -> int:
        check_counted_size(prompt, self.info.context_length)
        return self._runner.count_tokens(prompt, group) if prompt else 0

    def prepare(self, state: RequestState) -> None:
        request = state.request
        check_prompt_size(request.prompt, request.continuation, self.info.context_length)
        sequence = self._runner.tokenize(state)
        state.prompt_tokens = sequence.prompt_length if request.continuation is None else len(sequence.tokens)
        self._sequences[state] = sequence

    def enqueue(self, state: RequestState) -> None:
        self._scheduler.add(self._sequences[state])

    def discard(self, state: RequestState, *, failed: bool = False) -> None:
        sequence = self._sequences.pop(state, None)
        if sequence is not None and self._scheduler.has(sequence):
            self._scheduler.remove(sequence, failed=failed)

    def free(self) -> None:
        self._runner.free()

    def as_engine_error(self, error: Exception) -> EngineError:
        if self._runner.is_out_of_memory(error):
            return OutOfMemory("The model ran out of memory on this request. Try a shorter text, or try again later.")
        return super().as_engine_error(error)

    def step(self) -> None:
        plan = self._scheduler.schedule()
        for sequence in plan.sequences:
            self._begin(sequence)
        begun_at = monotonic()
        try:
            results = self._runner.run(plan)
        except Exception as error:
            self._recover(plan, error)
            return
        self._scheduler.commit(plan)
        self._drafted_tokens += sum(len(sequence.draft) for sequence in plan.sequences)
        made = _count(results)
        outputs = self._add(results)
        try:
            while results := self._runner.confirm():
                self._accepted_tokens += len(results)
                made += _count(results)
                outputs += self._add(results)
        except Exception as error:
            self.send(outputs)
            self._recover(plan, error)
            return
        self._rate.add(made, monotonic() - begun_at)
        self._ease()
        self.send(outputs)

    def stats(self) -> EngineStats:
        with self._changed:
            unfinished, finished = len(self._unfinished), self._finished
        running, kv = len(self._scheduler.running), self._scheduler.kv
        return EngineStats(
            waiting=max(0, unfinished - running),
            running=running,
            finished=finished,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
            tokens_per_second=self._rate.per_second(),
            cached_tokens=self._cached_tokens,
            drafted_tokens=self._drafted_tokens,
            accepted_tokens=self._accepted_tokens,
            preempted=self._scheduler.preempted,
            kv_tokens=kv.tokens,
            kv_used=kv.used,
            step_seconds=self._rate.seconds_each(),
        )

    def _begin(self, sequence: S) -> None:
        state = sequence.state
        if state.started_at is None:
            state.start()
            state.cached_tokens = sequence.cached
            self._prompt_tokens += sequence.prompt_length
            self._cached_tokens += sequence.cached

    def _add(self, results: list[tuple[S, StepOutput]]) -> list[tuple[Sink, Output]]:
        """Add new tokens to their requests, and end those that are complete or failed. Returns what to send."""
        outputs: list[tuple[Sink, Output]] = []
        for sequence, made in results:
            state, count = sequence.state, 0
            if made.token is not None:
                sequence.append(made.token)
                count = 1
            self._completion_tokens += count
            thoughts, text = state.split(made.text, made.logprobs)
            if output := state.add(text, count, made.scores, thoughts):
                outputs.append((state.sink, output))
            reason = "error" if made.error else "stop" if state.stop.found else made.reason
            if reason:
                self.discard(state, failed=made.error is not None)
                if last := self.end(state, reason, made.error):
                    outputs.append((state.sink, last))
        return outputs

    def _recover(self, plan: Plan[S], error: Exception) -> None:
        """Preempt all requests after a failed step, and run fewer at a time; one that fails alone is at fault."""
        if self._runner.is_fatal(error):
            raise error
        sequences = plan.sequences
        logger.exception("step failed", extra={"request_ids": [one.state.request.id for one in sequences]})
        for sequence in reversed(self._scheduler.running[:]):
            self._scheduler.preempt(sequence)
        self._scheduler.kv.clear()
        short_of_memory, limits = self._runner.is_out_of_memory(error), self._scheduler.limits
        if len(sequences) > 1 or (short_of_memory and limits.step_tokens > limits.chunk_tokens):
            self._restrict(max(1, len(sequences) // 2))
            return
        if not short_of_memory:
            self._failures += 1
            if self._failures == _MAX_FAILURES:
                raise error
        for sequence in sequences:
            self.discard(sequence.state)
            self.finish([sequence.state], "error", self.as_engine_error(error))

    def _restrict(self, running: int) -> None:
        limits = self._scheduler.limits
        fewer = max(limits.chunk_tokens, limits.step_tokens // 2)
        self._scheduler.limits = replace(limits, running=running, step_tokens=fewer)
        self._good_steps = 0

    def _ease(self) -> None:
        """Do more at a time again after a number of good steps."""
        self._failures = 0
        limits = self._scheduler.limits
        if limits == self._limits:
            return
        self._good_steps += 1
        if self._good_steps % _EASE_STEPS == 0:
            running = min(self._limits.running, limits.running * 2)
            tokens = min(self._limits.step_tokens, limits.step_tokens * 2)
            self._scheduler.limits = replace(limits, running=running, step_tokens=tokens)


def _count(results: list[tuple[S, StepOutput]]) -> int:
    return sum(output.token is not None for _, output in results)
