"""A request that the model continues: from the logits of a step to its next token and text, or to its scores."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gptstore.sdk.logprobs import TokenLogprob
from worker.engine.errors import EngineError
from worker.engine.local.thinking import ThinkingGuide
from worker.engine.loop.sequence import RequestSequence
from worker.engine.protocol import FinishReason
from worker.engine.request_state import StepOutput
from worker.engine.sampling.sampling import Sampler
from worker.engine.text.detokenizer import Detokenizer

logger = logging.getLogger(__name__)

DECIMALS = 6
"""Of log-probabilities: those of float32 logits have no more that mean anything."""


@dataclass(eq=False, slots=True, kw_only=True)
class Generation(RequestSequence):
    """A sequence with all that turns the model's output into its answer.

    ends: the tokens that end a text.
    scored: no text is generated; the tokens after the prompt are given, and their log-probabilities are wanted.
    spell: returns the bytes of a token.
    guide: leads from thoughts to the answer; None: the model has none.
    """

    sampler: Sampler
    detokenizer: Detokenizer
    ends: frozenset[int]
    spell: Callable[[int], bytes]
    scored: bool = False
    guide: ThinkingGuide | None = None

    def prepare(self) -> None:
        """Note which of its tokens are thoughts, before its next token is sampled."""
        if self.guide is not None:
            made = len(self.tokens) - self.prompt_length
            self.max_length = self.prompt_length + self.guide.longest(made)
            self.guide.prepare(self.sampler)


def wanted_rows(generation: Generation) -> int:
    """Return the number of rows of the present step whose logits are needed."""
    if not generation.scored:
        return 1 + len(generation.draft) if generation.reads_last else 0
    end = generation.read + generation.scheduled
    return max(0, min(end, len(generation.tokens) - 1) - max(generation.read, generation.prompt_length - 1))


def skipped_rows(generation: Generation) -> int:
    """Return the number of rows at the step's end without logits: the last token of a scored text needs none."""
    return int(generation.scored and generation.reads_last)


def score(generation: Generation, logits: Tensor) -> StepOutput:
    """Return the log-probabilities of the tokens after the wanted rows; logits of shape (rows, vocabulary)."""
    reason: FinishReason | None = "stop" if generation.reads_last else None
    if not len(logits):
        return StepOutput(reason=reason)
    first = max(generation.read, generation.prompt_length - 1) + 1
    tokens = torch.tensor(generation.tokens[first : first + len(logits)], device=logits.device)
    chosen = logits.float().log_softmax(-1).gather(1, tokens[:, None])[:, 0]
    if chosen.isnan().any():
        return StepOutput(error=EngineError("The model's logits are not finite."))
    # A request that was preempted is read anew, and gets no score twice.
    given = max(0, generation.prompt_length + generation.state.scores_given - first)
    return StepOutput(scores=tuple(chosen[given:].tolist()), reason=reason)


def extend(generation: Generation, sampled: StepOutput) -> StepOutput:
    """Add to a sampled token its text, and the reason if it is the last one. A fault here is this request's error."""
    if sampled.token is None:
        return sampled
    try:
        if generation.guide is not None:
            made = len(generation.tokens) - generation.prompt_length
            sampled.token = generation.guide.replace(sampled.token, made, generation.ends)
        sampled.text, sampled.reason = _text_of(generation, sampled.token)
        if sampled.ranked and sampled.token not in generation.ends:
            sampled.logprobs = (_logprob(generation, sampled),)
        return sampled
    except EngineError as error:
        return StepOutput(error=error)
    except Exception:
        logger.exception("token could not be used", extra={"request_id": generation.state.request.id})
        return StepOutput(error=EngineError("The model's answer could not be turned into text."))


def _text_of(generation: Generation, token: int) -> tuple[str, FinishReason | None]:
    constraint = generation.sampler.constraint
    if token in generation.ends:
        return generation.detokenizer.finish(), "stop"
    generation.sampler.accept(token)
    text = generation.detokenizer.feed(token)
    if constraint is not None and constraint.finished:
        return text + generation.detokenizer.finish(), "stop"
    if len(generation.tokens) + 1 >= generation.max_length:
        return text + generation.detokenizer.finish(), "length"
    return text, None


def _logprob(generation: Generation, sampled: StepOutput) -> TokenLogprob:
    (token, own), *others = ((generation.spell(number), round(logprob, DECIMALS)) for number, logprob in sampled.ranked)
    return TokenLogprob(token, own, tuple(TokenLogprob(*other) for other in others))
