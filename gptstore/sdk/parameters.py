"""Checks the parameters of a call of the model: the test double, every host and every engine refuse the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from gptstore.sdk.errors import ParameterError

MAX_SEED = 2**63 - 1
MAX_STOPS = 64
MAX_STOP_LENGTH = 1000
"""Characters of a stop string. They are searched on the engine's thread, while all requests wait."""

MAX_LOGPROBS = 20
"""The most alternatives to each token whose log-probabilities a call can get, as in OpenAI's API."""

MAX_CHOICES = 1000
MAX_CHOICE_CHARACTERS = 65_536
"""Characters of all choices together."""

ROLES = ("system", "user", "assistant")


def check_parameters(params: Mapping[str, Any]) -> None:
    """Check the parameters that are given; `stop` and `choices` are tuples.

    Raises ParameterError, which names the first that makes no sense.
    """
    _check_whole(params, "max_tokens", at_least=1)
    _check_real(params, "temperature", "0 or more", lambda value: value >= 0)
    _check_real(params, "top_p", "above 0 and at most 1", lambda value: 0 < value <= 1)
    _check_whole(params, "top_k", at_least=0)
    _check_real(params, "min_p", "between 0 and 1", lambda value: 0 <= value <= 1)
    _check_real(params, "repetition_penalty", "above 0", lambda value: value > 0)
    _check_whole(params, "seed", at_least=0, at_most=MAX_SEED)
    _check_whole(params, "logprobs", at_least=0, at_most=MAX_LOGPROBS)
    if not isinstance(params.get("thinking", False), bool):
        raise ParameterError(f"thinking must be True or False, not {_shown(params['thinking'])}.")
    stops, choices = params.get("stop", ()), params.get("choices", ())
    _check_texts("stop", stops)
    if len(stops) > MAX_STOPS or any(len(text) > MAX_STOP_LENGTH for text in stops):
        raise ParameterError(f"stop takes at most {MAX_STOPS} strings of at most {MAX_STOP_LENGTH} characters.")
    _check_texts("choices", choices)
    if len(choices) > MAX_CHOICES:
        raise ParameterError(f"choices takes at most {MAX_CHOICES} texts, not {len(choices)}.")
    if sum(map(len, choices)) > MAX_CHOICE_CHARACTERS:
        raise ParameterError(f"The choices have more than {MAX_CHOICE_CHARACTERS} characters.")
    if choices and "schema" in params:
        raise ParameterError("Give a schema or choices, not both.")


def check_prompt(prompt: object) -> None:
    """Check that it is a text or a list of messages, and not empty. Raises ParameterError."""
    if isinstance(prompt, str):
        if not prompt:
            raise ParameterError("The prompt is empty.")
        return
    if not isinstance(prompt, list):
        raise ParameterError(f"The prompt must be a text or a list of messages, not {_kind(prompt)}.")
    if not prompt:
        raise ParameterError("There are no messages.")
    for message in prompt:
        if not isinstance(message, Mapping) or message.keys() != {"role", "content"}:
            raise ParameterError("A message of the prompt is a dict with a role and a content, and nothing else.")
        if message["role"] not in ROLES:
            raise ParameterError(f"The role of a message is one of {', '.join(sorted(ROLES))}.")
        if not isinstance(message["content"], str):
            raise ParameterError(f"The content of a message must be a text, not {_kind(message['content'])}.")


def _check_whole(params: Mapping[str, Any], name: str, *, at_least: int, at_most: int | None = None) -> None:
    if name not in params:
        return
    value = params[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise ParameterError(f"{name} must be a whole number, not {_shown(value)}.")
    if value < at_least or (at_most is not None and value > at_most):
        bounds = f"at least {at_least}" if at_most is None else f"between {at_least} and {at_most}"
        raise ParameterError(f"{name} must be {bounds}, not {_shown(value)}.")


def _check_real(params: Mapping[str, Any], name: str, bounds: str, is_within: Any) -> None:
    if name not in params:
        return
    value = params[name]
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ParameterError(f"{name} must be a number, not {_shown(value)}.")
    if not (_is_finite(value) and is_within(value)):
        raise ParameterError(f"{name} must be {bounds}, not {_shown(value)}.")


def _check_texts(name: str, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(text, str) and text for text in value):
        raise ParameterError(f"{name} must be strings that are not empty.")


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = "a very large number"
    return text if len(text) <= 60 else f"{text[:60]}…"


def _kind(value: object) -> str:
    return type(value).__name__
