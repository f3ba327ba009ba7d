"""Real texts whose answers repeat them: paragraphs of our documentation to sum up and to quote, functions to edit."""

import fnmatch
import heapq
import inspect
import re
import shlex
import statistics
import textwrap
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from gptstore_summarizer.prompts import completion_prompt

DOCS = Path(__file__).parents[2] / "docs"
MIN_CHARACTERS, MAX_CHARACTERS = 300, 900
"""Characters of a paragraph."""

_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    textwrap.dedent,
    textwrap.shorten,
    textwrap.indent,
    shlex.join,
    fnmatch.filter,
    heapq.nsmallest,
    heapq.merge,
    statistics.median,
    statistics.mode,
    statistics.median_low,
    inspect.cleandoc,
    inspect.unwrap,
)
_MAX_CODE = 1500


def prompts(count: int) -> dict[str, list[str]]:
    """Return so many prompts of each kind; functions come again where there are fewer."""
    texts = list(islice(_paragraphs(), 2 * count))
    return {
        "summaries": [completion_prompt(text, "medium") for text in texts[:count]],
        "quotes": [_quote(text) for text in texts[count : 2 * count]],
        "code edits": [_edit(_FUNCTIONS[number % len(_FUNCTIONS)]) for number in range(count)],
    }


def _paragraphs() -> Iterator[str]:
    for file in sorted(DOCS.glob("*.md")):
        for paragraph in re.split(r"\n\s*\n", file.read_text()):
            text = " ".join(paragraph.split())
            if text[:1].isupper() and MIN_CHARACTERS < len(text) < MAX_CHARACTERS and "|" not in text:
                yield text


def _quote(text: str) -> str:
    return f'{text}\n\nHe read it once more, aloud: "{" ".join(text.split()[:6])}'


def _edit(function: Callable[..., Any]) -> str:
    code = inspect.getsource(function)[:_MAX_CODE]
    return f"{code}\n\n# The same function, with other names:\n\n{code.splitlines()[0]}\n"
