"""A tool that does nothing."""

from collections.abc import Iterator

from gptstore.sdk import Context, LongText, Tool, hookimpl, tool


@tool(title="Nothing", slug="noop", category="writing")
def noop(ctx: Context, text: LongText) -> Iterator[str]:
    """Report that it is done."""
    yield "Done."


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [noop]
