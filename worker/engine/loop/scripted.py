"""An engine whose text comes from a script: the real loop, scheduler and stop strings without a model or torch."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

from gptstore.sdk.logprobs import TokenLogprob
from worker.engine.answer_length import AnswerLength
from worker.engine.errors import BadRequest, EngineError, PromptTooLong
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.kv import KVCache
from worker.engine.loop.model_runner import ModelRunner
from worker.engine.loop.scheduler import BatchLimits, Plan
from worker.engine.loop.sequence import RequestSequence
from worker.engine.params import read_schema
from worker.engine.prompt_check import check_prompt
from worker.engine.protocol import ModelInfo, Prompt, Request
from worker.engine.request_state import RequestState, StepOutput
from worker.engine.thoughts import ThoughtFilter

logger = logging.getLogger(__name__)

Script = Callable[[Request], Iterable[str]]


@dataclass(eq=False, slots=True, kw_only=True)
class ScriptRun(RequestSequence):
    """One run of a script."""

    pieces: Iterator[str]
    length: AnswerLength


class ScriptedRunner(ModelRunner[ScriptRun]):
    """Takes the next piece of each script in each step. A piece is a token; a token of a prompt is a word.

    An answer to messages may begin with thoughts, as those of a reasoning model. A script leaves no choice: each token
    is certain, so that its log-probability is 0, and there are no others.
    """

    def __init__(self, script: Script, info: ModelInfo) -> None:
        self.info = info
        self._script = script

    def count_tokens(self, prompt: Prompt, group: str = "") -> int:
        texts = [prompt] if isinstance(prompt, str) else [message.content for message in prompt]
        return sum(len(text.split()) for text in texts)

    def tokenize(self, state: RequestState) -> ScriptRun:
        request = state.request
        if request.continuation is not None:
            raise BadRequest("A script makes text, and can't say how likely a text is.")
        self._check(request)
        count = self.count_tokens(request.prompt)
        room = self.info.context_length - count
        if room < 1:
            raise PromptTooLong(count, self.info.context_length)
        state.thoughts = None if isinstance(request.prompt, str) else ThoughtFilter()
        length = AnswerLength(request.params, room, state.thoughts)
        return ScriptRun(
            tokens=[0] * max(1, count),
            prompt_length=count,
            max_length=max(1, count) + length.longest(0),
            reusable=0,
            group=request.group,
            weight=request.weight,
            state=state,
            pieces=iter(self._script(request)),
            length=length,
        )

    def _check(self, request: Request) -> None:
        """Refuse what no real engine takes. Raises BadRequest."""
        check_prompt(request.prompt, is_chat=self.info.is_chat)
        if request.params.schema is not None:
            read_schema(request.params.schema)

    def run(self, plan: Plan[ScriptRun]) -> list[tuple[ScriptRun, StepOutput]]:
        return [(sequence, self._next(sequence)) for sequence in plan.sequences if sequence.reads_last]

    def _next(self, sequence: ScriptRun) -> StepOutput:
        try:
            piece = next(sequence.pieces, None)
        except EngineError as error:
            return StepOutput(error=error)
        except Exception:
            logger.exception("script failed", extra={"request_id": sequence.state.request.id})
            return StepOutput(error=EngineError("The script failed on this request."))
        if piece is None:
            return StepOutput(reason="stop")
        prompt = max(1, sequence.prompt_length)
        sequence.max_length = prompt + sequence.length.longest(len(sequence.tokens) - prompt)
        is_longest = len(sequence.tokens) + 1 >= sequence.max_length
        logprobs: tuple[TokenLogprob, ...] = ()
        if sequence.state.answer_tokens is not None:
            logprobs = (TokenLogprob(piece.encode(errors="replace"), 0.0),)
        return StepOutput(0, piece, logprobs=logprobs, reason="length" if is_longest else None)


class ScriptedEngine(BatchEngine[ScriptRun]):
    """Answers each request with the pieces that `script(request)` gives; its exceptions become the request's errors.

    delay_s: seconds before each step; cancel, deadlines and close do not wait for it.
    kv_tokens: the size of its KV cache, in tokens; None: more than the running requests can fill.
    """

    def __init__(
        self,
        script: Script,
        delay_s: float = 0.0,
        *,
        name: str = "scripted",
        context_length: int = 1024,
        is_chat: bool = True,
        limits: BatchLimits | None = None,
        kv_tokens: int | None = None,
    ) -> None:
        limits = limits or BatchLimits()
        info = ModelInfo(name, context_length, is_chat, parameters=0, device="cpu", dtype="none", demo=True)
        tokens = limits.running * 2 * context_length if kv_tokens is None else kv_tokens
        super().__init__(ScriptedRunner(script, info), limits, KVCache(tokens, context_length + 1))
        self._delay_s = delay_s
        self.launch()

    def step(self) -> None:
        if self._pause():
            super().step()

    def _pause(self) -> bool:
        """Wait out the delay; return False when a cancel, a deadline or `close` comes first."""
        until = monotonic() + self._delay_s
        with self._changed:
            while not (self._sweep_due or self._stopping) and (left := until - monotonic()) > 0:
                deadlines = [one.deadline for one in self._unfinished.values() if one.deadline is not None]
                if deadlines and min(deadlines) <= monotonic():
                    return False
                self._changed.wait(min([left, *(one - monotonic() for one in deadlines)]))
            return not (self._sweep_due or self._stopping)
