"""What the model's logits mean for one request: the next token and its text, or how likely given tokens are."""

import logging
from dataclasses import dataclass

import torch
from torch import Tensor

from worker.engine.errors import EngineError
from worker.engine.loop.model_runner import Generation, Made
from worker.engine.loop.scheduler import Chunk
from worker.engine.protocol import FinishReason
from worker.engine.sampling.sampling import Pick, Sampler
from worker.engine.text.detokenizer import Detokenizer

logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class Writing(Generation):
    """A request that the model continues. `scored`: its last tokens are given, and only told how likely they are."""

    sampler: Sampler
    detokenizer: Detokenizer
    ends: frozenset[int]
    scored: bool = False


def wanted_rows(chunk: Chunk[Writing]) -> int:
    """How many rows of logits a chunk is read for."""
    if not chunk.sequence.scored:
        return int(chunk.is_last)
    end = chunk.start + chunk.count
    return max(0, min(end, len(chunk.sequence.tokens) - 1) - max(chunk.start, chunk.sequence.prompt_length - 1))


def skipped_rows(chunk: Chunk[Writing]) -> int:
    """The last token of a text that is scored needs no logits."""
    return int(chunk.sequence.scored and chunk.is_last)


def score(chunk: Chunk[Writing], logits: Tensor) -> Made[Writing]:
    """The log-probabilities of the tokens after the rows; logits of shape (tokens, vocabulary)."""
    writing = chunk.sequence
    reason: FinishReason | None = "stop" if chunk.is_last else None
    if not len(logits):
        return Made(writing, reason=reason)
    first = max(chunk.start, writing.prompt_length - 1) + 1
    tokens = torch.tensor(writing.tokens[first : first + len(logits)], device=logits.device)
    chosen = logits.float().log_softmax(-1).gather(1, tokens[:, None])[:, 0]
    if chosen.isnan().any():
        return Made(writing, error=EngineError("The model's logits are not finite."))
    told = max(0, writing.prompt_length + writing.told - first)  # before it lost its place and was read anew
    return Made(writing, logprobs=tuple(chosen[told:].tolist()), reason=reason)


def write(writing: Writing, picked: Pick) -> Made[Writing]:
    """Turn a chosen token into text, and see whether it is the last one. What fails there is this request's error."""
    if picked.error:
        return Made(writing, error=picked.error)
    try:
        return _continue(writing, picked)
    except EngineError as error:
        return Made(writing, error=error)
    except Exception:
        logger.exception("token could not be used", extra={"request_id": writing.ticket.request.id})
        return Made(writing, error=EngineError("The model's answer could not be turned into text."))


def _continue(writing: Writing, picked: Pick) -> Made[Writing]:
    token = picked.token
    logprobs = () if picked.logprob is None else (picked.logprob,)
    constraint = writing.sampler.constraint
    if token in writing.ends:
        return Made(writing, writing.detokenizer.finish(), token, logprobs, "stop")
    writing.sampler.accept(token)
    text = writing.detokenizer.feed(token)
    if constraint is not None and constraint.finished:
        return Made(writing, text + writing.detokenizer.finish(), token, logprobs, "stop")
    if len(writing.tokens) + 1 >= writing.longest:
        return Made(writing, text + writing.detokenizer.finish(), token, logprobs, "length")
    return Made(writing, text, token, logprobs)
