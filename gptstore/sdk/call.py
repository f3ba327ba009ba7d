"""A call of the shared model: the prompt, the sampling parameters and the form of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic, which brings it, reads no other before Python 3.12

from gptstore.sdk.answer_schema import check_schema
from gptstore.sdk.parameters import check_parameters, check_prompt


class Message(TypedDict):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt = str | list[Message]


class Sampling(TypedDict, total=False):
    """The sampling parameters of an answer. All are optional; None is as good as leaving one out.

    max_tokens: the longest answer; when left out, the rest of the context.
    temperature: 0 takes the likeliest token each time; higher is more varied.
    top_p, top_k: choose among the likeliest tokens only.
    min_p: choose among tokens that are at least this many times as likely as the likeliest.
    repetition_penalty: above 1 makes tokens less likely that were there before.
    stop: the answer ends before the first of these strings.
    seed: the same seed, prompt and parameters give the same answer on the same worker.
    logprobs: return the log-probability of each token of the answer, and of this many of the likeliest in its place
        (0 to 20), as `logprobs` of the answer and its pieces. They are the model's own, before all other parameters.
    thinking: have the model think before it answers, if it can; its thoughts are `thoughts` of the answer. Without it a
        model that has the choice does not think. Thoughts are no part of the answer: `max_tokens`, `stop` and the form
        of an answer do not count for them. Their tokens do: they take time, and part of what a run may use.
    """

    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    repetition_penalty: float | None
    stop: str | Sequence[str] | None
    seed: int | None
    logprobs: int | None
    thinking: bool | None


@dataclass(frozen=True)
class Call:
    """A call as it reaches the model: its `Sampling` parameters, and the form that the answer has to fit.

    schema: the JSON Schema of the answer. choices: the answer is one of them.
    """

    prompt: Prompt
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    logprobs: int | None = None
    thinking: bool | None = None
    schema: dict[str, Any] | None = None
    choices: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """Return the sampling parameters that were given."""
        return {name: value for name in Sampling.__annotations__ if (value := getattr(self, name)) not in (None, ())}


def make_call(
    prompt: str | Sequence[Message],
    params: Sampling,
    *,
    schema: dict[str, Any] | None = None,
    choices: Sequence[str] = (),
) -> Call:
    """Check them and copy all of them into one value, whichever model will get it.

    Raises TypeError for a parameter that does not exist, and ParameterError for a value that makes no sense.
    """
    check_names(params)
    asked: Any = prompt if isinstance(prompt, str) else [*prompt]
    values: dict[str, Any] = {**params, "stop": _as_stops(params.get("stop")), "choices": tuple(choices)}
    check_prompt(asked)
    check_parameters({name: value for name, value in {**values, "schema": schema}.items() if value is not None})
    if schema is not None:
        check_schema(schema)
    return Call(asked, schema=schema, **values)


def check_names(params: Sampling) -> None:
    """Raise TypeError for a parameter that does not exist, as a function with named parameters does."""
    if unknown := sorted(params.keys() - Sampling.__annotations__):
        raise TypeError(f"the model takes no {unknown[0]!r}; it takes {', '.join(Sampling.__annotations__)}")


def _as_stops(stop: object) -> Any:
    """Return one stop string or several as a tuple; what is neither stays as it is, to be refused."""
    if stop is None:
        return ()
    if isinstance(stop, str):
        return (stop,)
    return tuple(stop) if isinstance(stop, Sequence) and not isinstance(stop, bytes | bytearray) else stop
