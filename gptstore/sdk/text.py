"""Splits text into sentences and into parts that fit into the model's context, and makes text storable."""

from __future__ import annotations

import re

from gptstore.sdk.parts import split_parts
from gptstore.sdk.sentences import split_sentences
from gptstore.sdk.wrapped_lines import join_lines

__all__ = ["is_storable", "join_lines", "split_parts", "split_sentences", "storable"]

# NUL can't be stored in PostgreSQL, a lone surrogate can't be written as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str, instead: str = "") -> str:
    """Return the text without the characters that no database can store, or with `instead` in the place of each."""
    return _UNSTORABLE.sub(instead, text)


def is_storable(text: str) -> bool:
    """Return whether a database can store the text as it is."""
    return _UNSTORABLE.search(text) is None
