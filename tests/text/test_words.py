"""Words of many scripts: those that carry meaning, and whether a part of a text is made of whole ones."""

from typing import Any
from unicodedata import normalize

import pytest

from gptstore.sdk.word_borders import is_whole
from gptstore.sdk.words import content_words
from tests.text.rows import read_rows


@pytest.mark.parametrize("row", read_rows("words"))
def test_words_are_those_of_a_reader(row: dict[str, Any]) -> None:
    text = row["input"]
    if row.get("kind") == "whole":
        start = text.index(row["part"])
        assert is_whole(text, start, start + len(row["part"])) is row["right"]
    else:
        assert content_words(text) == content_words(normalize("NFD", text)) == row["right"]
