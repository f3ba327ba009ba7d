"""Sentences of many languages, and of the lines of a PDF."""

from typing import Any

import pytest

from gptstore.sdk.text import join_lines, split_sentences
from tests.text.rows import read_rows


@pytest.mark.parametrize("row", read_rows("sentences"))
def test_sentences_end_where_a_reader_ends_them(row: dict[str, Any]) -> None:
    found = split_sentences(row["input"])

    assert "".join(found) == row["input"]
    assert [sentence.strip() for sentence in found] == row["right"]


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("The committee met\n   on Monday to\r\nvote.\n", "The committee met on Monday to vote."),
        ("它在\n这里，\n换行了。\n", "它在这里，换行了。"),
        ("これは父の\n家です。", "これは父の家です。"),
        ("We use Python\n3 and 中文\nEnglish", "We use Python 3 and 中文 English"),
        ("the com\u00ad\nmittee", "the committee"),
        ("well-\nknown", "well- known"),
        ("서울에서\n만나요", "서울에서 만나요"),
    ],
)
def test_a_sentence_that_crosses_lines_can_be_shown_on_one(sentence: str, line: str) -> None:
    assert join_lines(sentence) == line
