"""Explains a regular expression, and says what really matches: Python knows that, the model need not guess."""

import re
from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Example, Field, PromptTemplate, Tool, ToolError, hookimpl, md, tool
from gptstore.sdk.pieces import strip_pieces

EXPLAIN = PromptTemplate(
    system="Explain to a beginner what this regular expression matches, one part after the other, as a short list.",
    completion=lambda pattern: f"Regular expression: {pattern}\n\nWhat it matches, in plain words:",
    user=lambda pattern: pattern,
    stop="\n\n",
    max_tokens=300,
)


@tool(
    title="Regex explainer",
    category="code",
    tags=["regular expression", "pattern"],
    output="markdown",
    max_seconds=60,
    examples=[
        Example("A date", {"pattern": r"(\d{4})-(\d\d)-(\d\d)", "samples": ["on 2026-11-29", "29 November 2026"]})
    ],
)
def regex_explainer(
    ctx: Context,
    pattern: Annotated[str, Field(max_length=500, description="In Python's syntax.")],
    samples: Annotated[list[str], Field(max_length=20, description="Texts to try it on, one a line.")] = [],  # noqa: B006
) -> Iterator[str]:
    """Explain a regular expression in plain words, and try it on texts of yours."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        where = "" if error.pos is None else f", at its character {error.pos + 1}"
        raise ToolError(f"Python does not understand this expression: {error.msg}{where}.") from None
    yield from md.escape_pieces(strip_pieces(EXPLAIN.stream(ctx.model, pattern, temperature=0)))
    if samples:
        yield "\n\n| text | finds | groups |\n| --- | --- | --- |\n"
    for sample in samples:
        found = compiled.search(sample)
        cells = [sample, found[0], ", ".join(map(str, found.groups()))] if found else [sample, "nothing", ""]
        yield f"| {' | '.join(map(as_cell, cells))} |\n"


def as_cell(text: str) -> str:
    return md.escape(" ".join(text.split()))


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [regex_explainer]
