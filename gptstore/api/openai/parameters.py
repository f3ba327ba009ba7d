"""The parameters of OpenAI's requests that no tool of the store takes: which are without effect, and which are refused.

A parameter that would change the answer is refused, so that nobody gets another answer than they asked for.
"""

from collections.abc import Mapping
from typing import Any

from gptstore.api.openai.errors import OpenAIError

WITHOUT_EFFECT = {
    *("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention"),
    *("parallel_tool_calls",),
}
"""The parameters that are about the caller, storage or billing: any value is taken."""

ONLY: dict[str, tuple[Any, ...]] = {
    "best_of": (1,),
    "echo": (False,),
    "suffix": ("",),
    "top_logprobs": (0,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "modalities": (["text"],),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
    "audio": (),
    "prediction": (),
    "web_search_options": (),
}
"""The parameters that would change the answer, with the values that ask for no more than everybody gets."""

REASONS = {
    "top_logprobs": "In plain completions `logprobs` is the number of alternatives.",
    "best_of": "The store does not choose among answers. `n` gets several.",
    "tools": "The store's models call no tools.",
    "functions": "The store's models call no functions.",
}


def check_others(others: Mapping[str, Any]) -> None:
    """Check parameters by name. None is as good as leaving one out. Raises OpenAIError for one that has no place."""
    for name, value in others.items():
        if name in WITHOUT_EFFECT or value is None:
            continue
        if name not in ONLY:
            raise OpenAIError(400, f"Unrecognized request argument supplied: {shown(name)}", param=shown(name))
        if not any(type(value) is type(one) and value == one for one in as_floats(ONLY[name], value)):
            reason = REASONS.get(name, "It would change the answer.")
            message = f"Unsupported parameter: '{name}' is not supported with this value. {reason}"
            raise OpenAIError(400, message, param=name, code="unsupported_parameter")


def as_floats(allowed: tuple[Any, ...], value: object) -> tuple[Any, ...]:
    """Return the values that are allowed, numbers as floats where one came: JSON has one kind of number."""
    if isinstance(value, float):
        return tuple(float(one) for one in allowed if isinstance(one, int) and not isinstance(one, bool))
    return allowed


def shown(name: str) -> str:
    """Cut a name that came from outside to a length for a message."""
    return name if len(name) <= 60 else f"{name[:60]}…"
