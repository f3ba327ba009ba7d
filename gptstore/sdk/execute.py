"""Runs a tool and turns its output into pieces of text."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from gptstore.sdk.answer import logprobs_of, with_logprobs
from gptstore.sdk.context import Context
from gptstore.sdk.errors import ToolOutputError
from gptstore.sdk.file import File
from gptstore.sdk.limits import OUTPUT
from gptstore.sdk.output import OutputKind
from gptstore.sdk.rows import RowWriter
from gptstore.sdk.stored_file import write_file
from gptstore.sdk.text import storable
from gptstore.sdk.tools import Tool


@runtime_checkable
class Passing(Protocol):
    """An answer whose remaining pieces need not go through the tool."""

    def forward(self) -> None:
        """Output the rest of the answer as it is."""
        ...


def run_tool(tool: Tool, data: Mapping[str, Any], ctx: Context) -> Generator[str, None, None]:
    """Check the input, call the tool and yield its output in non-empty pieces as they are made.

    Raises InputError at once if the input doesn't fit. While iterating, raises ToolOutputError for a wrong kind of
    output, and passes on the tool's errors: ToolError, Canceled, and any error that is a bug of the tool.
    Closing the iterator closes the tool's own generator.
    """
    return _run(tool, tool.check_input(data), ctx)


def _run(tool: Tool, inputs: dict[str, Any], ctx: Context) -> Generator[str, None, None]:
    with closing(_pieces(tool, tool.function(ctx, **inputs))) as pieces:
        for piece in pieces:
            text, logprobs = storable(piece), logprobs_of(piece)
            if text or logprobs:
                yield with_logprobs(text, logprobs)


def _pieces(tool: Tool, result: Any) -> Generator[str, None, None]:
    if tool.output == OutputKind.TABLE:
        yield from _table(tool, result)
    elif tool.output == OutputKind.FILE:
        yield from write_file(tool.slug, result, tool.limits[OUTPUT.name])
    else:
        yield from _text(tool, result)


def _table(tool: Tool, result: Any) -> Generator[str, None, None]:
    if not isinstance(result, Iterator | list | tuple):
        raise ToolOutputError(
            f"tool {tool.slug} returned {_name(result)}; yield the rows of its table, or return a list"
        )
    rows = RowWriter(tool.slug)
    with closing(_items(tool, iter(result))) as items:
        for row in items:
            yield rows.write(row)


def _text(tool: Tool, result: Any) -> Generator[str, None, None]:
    if isinstance(result, str):
        yield result
    elif isinstance(result, BaseModel):
        yield _as_json(tool, result)
    elif isinstance(result, Iterator):
        yield from _iterate(tool, result)
    else:
        raise ToolOutputError(
            f"tool {tool.slug} returned {_name(result)}; "
            f"return a str, yield str, or return a pydantic model{_hint(result)}"
        )


def _iterate(tool: Tool, iterator: Iterator[Any]) -> Generator[str, None, None]:
    with closing(_items(tool, iterator)) as items:
        for piece in items:
            if not isinstance(piece, str):
                raise ToolOutputError(f"tool {tool.slug} yielded {_name(piece)}; yield str only{_hint(piece)}")
            yield piece
            forward(iterator)


def _items(tool: Tool, iterator: Iterator[Any]) -> Generator[Any, None, None]:
    """Yield what the tool yields, and close its iterator at the end."""
    try:
        while True:
            yield next(iterator)
    except StopIteration as end:
        if end.value is not None and inspect.isgeneratorfunction(tool.function):
            raise ToolOutputError(
                f"tool {tool.slug} yields and also returns a value, which is lost; yield it"
            ) from None
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


def forward(iterator: Iterator[Any]) -> None:
    """Let the model output the rest of an answer without the tool, when the tool waits for it in `yield from`."""
    while (inner := getattr(iterator, "gi_yieldfrom", None)) is not None:
        iterator = inner
    if isinstance(iterator, Passing):
        iterator.forward()


def _as_json(tool: Tool, result: BaseModel) -> str:
    try:
        return result.model_dump_json(indent=2)
    except PydanticSerializationError as error:
        raise ToolOutputError(f"tool {tool.slug} returned {_name(result)} that is no JSON: {error}") from error


def _hint(value: Any) -> str:
    """Return the kind of output that takes such a value, as advice."""
    if isinstance(value, File):
        return ', or declare output="file"'
    return ', or declare output="table"' if isinstance(value, BaseModel | Mapping | list | tuple) else ""


def _name(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__qualname__}"
