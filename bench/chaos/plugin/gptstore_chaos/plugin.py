"""A tool whose answer is known before: it passes lines to the model, which echoes them."""

import re
import time
from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, Tool, hookimpl, tool
from gptstore_chaos.text import lines

WORD = re.compile(r"\S+\s*")


@tool(title="Recital", slug="recital", category="writing", output="text")
def recite(
    ctx: Context,
    seed: Annotated[int, Field(ge=0)],
    words: Annotated[int, Field(ge=1, le=1000)],
    pause_ms: Annotated[int, Field(ge=0, le=1000)] = 0,
) -> Iterator[str]:
    """Output so many words, with a pause after each."""
    for line in lines(seed, words):
        for piece in ctx.model.stream(line):  # of one word, or of several that came at once
            for word in WORD.findall(piece):
                yield word
                time.sleep(pause_ms / 1000)


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [recite]
