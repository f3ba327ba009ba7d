"""The messages between a job's child and its worker. Version 6.

Each message is one JSON object with its `kind`. The worker begins with `start`, and the child with `hello`, by which
the worker learns from the kernel which process it is. The child asks the model and outputs; it ends with `finished` or
`failed`, and nothing counts after that. Requests have numbers, which the child chooses and
which only grow; many may be open at the same time. `generate` is answered by `text` as often as there is some, and then
by `done`; after the first `text` the worker waits until the child has sent `more`, to get the rest, or `pass`, to have
the rest put out without seeing it. `more` may come before the first `text`, from a child that reads the answer later.
`score` and `count` are answered by `answer`. Any of the three may be answered by `refused`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gptstore.sdk.call import Call, Message
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.parameters import MAX_LOGPROBS

VERSION = 6

Number = Annotated[int, Field(ge=1, le=2**31)]

MAX_DENIED = 1_000_000
Denied = dict[Literal["network", "files", "processes"], Annotated[int, Field(ge=1, le=MAX_DENIED)]]
"""How many calls were denied, by kind."""

Spelling = str | list[Annotated[int, Field(ge=0, le=255)]]
Logprob = Annotated[float, Field(allow_inf_nan=False)]
Top = Annotated[list[tuple[Spelling, Logprob]], Field(max_length=MAX_LOGPROBS)]
Logprobs = list[tuple[Spelling, Logprob, Top]]
"""The tokens of a text, as `gptstore.sdk.logprobs.StoredLogprob`."""


class HostMessage(BaseModel):
    """A message; every one is validated when it is received."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Start(HostMessage):
    """To the child: run this tool. `input` has passed the worker's own check against the schema.

    seconds_left: the time until the run's limit; None when it has none. settings: those that an administrator gave the
    tool, with its secrets. counts_denials: whether its last message is to say which calls were denied.
    """

    kind: Literal["start"] = "start"
    tool: str
    input: dict[str, Any]
    model: str
    context_length: int
    is_chat: bool
    seconds_left: float | None = None
    settings: dict[str, Any] | None = Field(None, repr=False)
    counts_denials: bool = False


class Text(HostMessage):
    """To the child: a piece of an answer, or of the thoughts before it, for a call that asks for them.

    logprobs: of the piece's tokens, for a call that asks for them.
    """

    kind: Literal["text"] = "text"
    request: Number
    text: str
    is_thought: bool = False
    logprobs: Logprobs | None = None


class Done(HostMessage):
    """To the child: the answer is complete."""

    kind: Literal["done"] = "done"
    request: Number


class Answer(HostMessage):
    """To the child: logarithms of probabilities for `score`, one number for `count`."""

    kind: Literal["answer"] = "answer"
    request: Number
    values: list[float]


class Refused(HostMessage):
    """To the child: the model did not answer. `code` as in `gptstore.jobs.errors`."""

    kind: Literal["refused"] = "refused"
    request: Number
    code: str
    message: str


class Stop(HostMessage):
    """To the child: the job was canceled, or it took more than it may."""

    kind: Literal["stop"] = "stop"


class Hello(HostMessage):
    """To the worker: the child is there. The kernel says who sent it."""

    kind: Literal["hello"] = "hello"


class Generate(HostMessage):
    kind: Literal["generate"] = "generate"
    request: Number
    call: Call


class More(HostMessage):
    kind: Literal["more"] = "more"
    request: Number


class Pass(HostMessage):
    """To the worker: output the rest of this answer as it is."""

    kind: Literal["pass"] = "pass"
    request: Number


class Close(HostMessage):
    """To the worker: nobody reads this answer any more."""

    kind: Literal["close"] = "close"
    request: Number


class Score(HostMessage):
    kind: Literal["score"] = "score"
    request: Number
    prompt: str | list[Message]
    continuation: str


class Count(HostMessage):
    kind: Literal["count"] = "count"
    request: Number
    prompt: str | list[Message]


class Output(HostMessage):
    """To the worker: a piece of the output. logprobs: as in `text`, if it is a piece of an answer."""

    kind: Literal["output"] = "output"
    text: str
    logprobs: Logprobs | None = None


class Progress(HostMessage):
    kind: Literal["progress"] = "progress"
    done: float
    total: float
    message: str = Field(max_length=10_000)


class Log(HostMessage):
    kind: Literal["log"] = "log"
    message: str = Field(max_length=10_000)


class Finished(HostMessage):
    """To the worker: the tool has ended as it should. denied: calls that were, if `start` asked for them."""

    kind: Literal["finished"] = "finished"
    denied: Denied | None = None


class Failed(HostMessage):
    """To the worker: the tool raised.

    reason: "tool", a ToolError, and "input", an InputError: `message` is for the person. "canceled": a Canceled.
    "parameters": a ParameterError, whose message says what the model was asked for in vain.
    "refused": as the model's `refused`, with its `code`. "memory", "disk": it got no more, and did not go on without.
    "crashed": a fault of the tool's own; `code` is the exception's name, and `message` its traceback, for the log.
    denied: as in `finished`.
    """

    kind: Literal["failed"] = "failed"
    reason: Literal["tool", "input", "parameters", "canceled", "refused", "memory", "disk", "crashed"]
    code: str = Field("", max_length=200)
    message: str = Field("", max_length=100_000)
    denied: Denied | None = None


ToChild = Annotated[Start | Text | Done | Answer | Refused | Stop, Field(discriminator="kind")]
ToWorker = Annotated[
    Hello | Generate | More | Pass | Close | Score | Count | Output | Progress | Log | Finished | Failed,
    Field(discriminator="kind"),
]

KEEPS_NAMES_ONLY = ConfigDict(cache_strings="keys")
"""Without it pydantic caches texts that it has read, thousands of them."""

UNSAID = (("logprobs", None), ("denied", None), ("counts_denials", False))
"""Fields that are left out with this value: most messages have it, and those of an older SDK know no other."""

to_child: TypeAdapter[Any] = TypeAdapter(ToChild, config=KEEPS_NAMES_ONLY)
to_worker: TypeAdapter[Any] = TypeAdapter(ToWorker, config=KEEPS_NAMES_ONLY)


def encode(message: HostMessage) -> bytes:
    unsaid = {name for name, value in UNSAID if getattr(message, name, ...) is value}
    return message.__pydantic_serializer__.to_json(message, exclude=unsaid or None)


def decode(kinds: TypeAdapter[Any], data: bytes) -> Any:
    """Read a message of these kinds, `to_child` or `to_worker`. Raises BadMessage."""
    try:
        return kinds.validate_json(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise BadMessage(f"{place or 'message'}: {fault['msg']}") from None
