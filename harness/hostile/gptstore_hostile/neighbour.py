"""A tool that does no harm."""

from collections.abc import Iterator

from gptstore.sdk import Context, tool


@tool
def repeat(ctx: Context, text: str) -> Iterator[str]:
    """Repeat the model's text."""
    for piece in ctx.model.stream(text):
        yield piece.replace("\n", " ")
