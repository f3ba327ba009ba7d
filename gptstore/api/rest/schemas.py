"""The shapes that the API takes and returns, as its OpenAPI document shows them. `jobs.wire.serialize` has a job's."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from gptstore.catalog.lists import MAX_CURSOR
from gptstore.jobs.models import Status
from gptstore.jobs.wire.serialize import Priority

Item = TypeVar("Item")
LAST_OFFSET = 1_000_000_000


def without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("This must not hold a NUL character.")
    return text


Word = Annotated[str, Field(max_length=200), AfterValidator(without_nul)]


class PageOf(Schema, Generic[Item]):
    """One page of a list; `count` is the length of the whole list."""

    items: list[Item]
    count: int


class Paging(Schema):
    limit: int = Field(20, ge=1, le=100, description="How many items to return.")
    offset: int = Field(0, ge=0, le=LAST_OFFSET, description="How many items to leave out at the beginning.")


class PageWithNext(PageOf[Item], Generic[Item]):
    """One page of a list that is also read by cursors."""

    next_cursor: str | None = Field(
        None,
        description="The `cursor` of the next page; null at the end, and on pages that were asked for by `offset`.",
    )


class ToolFilter(Paging):
    cursor: Annotated[str, AfterValidator(without_nul)] | None = Field(
        None,
        max_length=MAX_CURSOR,
        description="Where the page begins: empty for the first one, then the `next_cursor` of the page before. The "
        "tools come by title. A page costs the same wherever it is, which a large `offset` does not.",
    )
    search: Word = Field(
        "",
        description="Words, or how they begin. All must occur in the texts, the tags or the category. The best come "
        "first; `count` goes up to 1000, and so do offsets.",
    )
    category: Word = Field("", description="The slug of a category.")
    tag: Word = Field("", description="A tag. With this and the following ones the most used tools come first.")
    language: Word = Field("", description="A language of the tool's texts, such as `zh-hans`, or `zh`.")
    output: Word = Field("", description="The kind of output, such as `markdown`.")
    publisher: Word = Field("", description="The `author` of the tool.")


class JobFilter(Paging):
    status: Status | None = Field(None, description="Only jobs in this state.")
    tool: Word = Field("", description="The slug of a tool.")


class JobIn(Schema):
    """What to run a tool with."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"input": {"text": "…"}}})

    input: dict[str, Any] = Field(description="The tool's inputs by name, as its `input_schema` says.")
    priority: Priority = Field(
        "interactive", description="`batch` for work that nobody waits for: it lets every interactive run go first."
    )


class ModelOut(Schema):
    """The model that every tool runs against."""

    name: str
    demo: bool = Field(description="Whether it is the small model that comes with the store.")
    parameters: int | None = Field(description="How many it has; null where that is not known.")
    context_length: int = Field(description="The longest prompt and answer together, in tokens.")
    thinking: Literal["unknown", "never", "optional", "always"] = Field(
        description="Whether it thinks before it answers: never, only for tools that ask for it, or always. Thoughts "
        "are no part of an output; their tokens are counted."
    )
    note: str | None = Field(description="What to know about this model.")


class ProblemField(Schema):
    field: str = Field(description="The input, or the place in the request, that is wrong.")
    message: str
    code: str
    pointer: str | None = Field(None, description="JSON Pointer (RFC 6901) into the request's body.")


class ProblemOut(Schema):
    """An error, as RFC 9457 describes it."""

    type: str = Field(description="What kind of problem this is: a URN that stays the same.")
    title: str
    status: int
    detail: str | None = None
    errors: list[ProblemField] | None = None
