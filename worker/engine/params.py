"""The sampling parameters of one request."""

import json
from dataclasses import dataclass, fields
from typing import Any

from gptstore.sdk.answer_schema import MAX_CHARACTERS, check_schema
from gptstore.sdk.errors import ParameterError
from gptstore.sdk.parameters import check_parameters
from worker.engine.errors import BadRequest

DEFAULT_MAX_TOKENS = 1024
"""The most new tokens of a request without `max_tokens`."""


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
    logprobs: return in `Output.logprobs` the log-probability of each token of the answer, and of this many of the
        likeliest in its place, before the repetition penalty, the form, temperature and the later steps; None: of none.
    schema: JSON Schema, as JSON; the answer is a JSON text that fits it.
    choices: the answer is one of these texts.
    ignore_end: continue after an end token, for benchmarks.
    thinking: have the model think before its answer, if it can, and return its thoughts in `Output.thoughts`.

    Raises BadRequest for a value that makes no sense, as `gptstore.sdk.parameters` has it for everybody.
    """

    max_tokens: int | None = None
    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    logprobs: int | None = None
    schema: str | None = None
    choices: tuple[str, ...] = ()
    ignore_end: bool = False
    thinking: bool = False

    def __post_init__(self) -> None:
        values = ((one, getattr(self, one.name)) for one in fields(self))
        try:
            check_parameters({one.name: value for one, value in values if value is not None or one.default is not None})
        except ParameterError as error:
            raise BadRequest(str(error)) from None

    @property
    def is_constrained(self) -> bool:
        """Return whether a grammar constrains the tokens."""
        return self.schema is not None or bool(self.choices)


def read_schema(text: str) -> dict[str, Any]:
    """Parse a schema. Raises BadRequest for a text that is no JSON object, and for what no engine takes."""
    if len(text) > MAX_CHARACTERS:
        raise BadRequest(f"The schema has {len(text)} characters; at most {MAX_CHARACTERS} can be used.")
    try:
        schema = json.loads(text)
        check_schema(schema)
    except ParameterError as error:
        raise BadRequest(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The schema is not JSON that can be read: {error}") from error
    return dict(schema)
