"""The sampling parameters of one request, and their bounds."""

from dataclasses import dataclass
from math import isfinite

from worker.engine.errors import BadRequest

DEFAULT_MAX_TOKENS = 1024
"""The most new tokens of a request without `max_tokens`."""

MAX_SEED = 2**63 - 1
MAX_STOPS = 64
MAX_STOP_LENGTH = 1000
"""Characters of a stop string. They are searched on the engine's thread, while all requests wait."""

MAX_CHOICES = 1000


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """The parameters by which tokens are sampled, and an answer ends.

    max_tokens: the most new tokens; None: as many as fit into the context, at most `DEFAULT_MAX_TOKENS`. Thoughts
        do not count: they have a limit of their own.
    temperature: 0 always takes the likeliest token.
    top_k: sample from the `top_k` likeliest tokens; 0: from all.
    top_p: of those left, sample from the likeliest tokens that together have this probability; 1: from all.
    min_p: sample from tokens at least this many times as likely as the likeliest; 0: from all.
    repetition_penalty: logits of tokens that were in the prompt or the answer are divided by it when positive, and
        multiplied when negative (CTRL, arXiv:1909.05858); 1 changes nothing.
    stop: the output ends before the first of these strings.
    seed: the same seed gives the same tokens on the same device, whatever else runs; None: different ones each time.
    logprobs: return the natural logarithm of each sampled token's probability, before temperature and the later steps.
    schema: JSON Schema, as JSON; the answer is a JSON text that fits it.
    choices: the answer is one of these texts.
    ignore_end: continue after an end token, for benchmarks.
    thinking: have the model think before its answer, if it can, and return its thoughts in `Output.thoughts`.

    Raises BadRequest when a value is out of range.
    """

    max_tokens: int | None = None
    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    logprobs: bool = False
    schema: str | None = None
    choices: tuple[str, ...] = ()
    ignore_end: bool = False
    thinking: bool = False

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise BadRequest(f"max_tokens must be at least 1, not {self.max_tokens}.")
        if not (isfinite(self.temperature) and self.temperature >= 0):
            raise BadRequest(f"temperature must be 0 or more, not {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise BadRequest(f"top_p must be above 0 and at most 1, not {self.top_p}.")
        if self.top_k < 0:
            raise BadRequest(f"top_k must be 0 or more, not {self.top_k}.")
        if not 0 <= self.min_p <= 1:
            raise BadRequest(f"min_p must be between 0 and 1, not {self.min_p}.")
        if not (isfinite(self.repetition_penalty) and self.repetition_penalty > 0):
            raise BadRequest(f"repetition_penalty must be above 0, not {self.repetition_penalty}.")
        if not _are_texts(self.stop):
            raise BadRequest("stop must be a tuple of strings that are not empty.")
        if len(self.stop) > MAX_STOPS or any(len(text) > MAX_STOP_LENGTH for text in self.stop):
            raise BadRequest(f"stop takes at most {MAX_STOPS} strings of at most {MAX_STOP_LENGTH} characters.")
        if not _are_texts(self.choices):
            raise BadRequest("choices must be a tuple of strings that are not empty.")
        if len(self.choices) > MAX_CHOICES:
            raise BadRequest(f"choices takes at most {MAX_CHOICES} texts, not {len(self.choices)}.")
        if self.choices and self.schema is not None:
            raise BadRequest("Give a schema or choices, not both.")
        if self.seed is not None and not 0 <= self.seed <= MAX_SEED:
            raise BadRequest(f"seed must be between 0 and {MAX_SEED}, not {self.seed}.")

    @property
    def is_constrained(self) -> bool:
        """Return whether a grammar constrains the tokens."""
        return self.schema is not None or bool(self.choices)


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) and text for text in value)
