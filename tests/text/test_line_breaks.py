"""A translation's line breaks are its source's, whichever the model knows and writes."""

from typing import Any

import pytest

from tests.text.rows import read_rows
from tests.text.translating import capitals, in_one_line, translate_by, with_empty_lines


@pytest.mark.parametrize("is_chat", [False, True], ids=["base", "chat"])
@pytest.mark.parametrize("write", [capitals, in_one_line, with_empty_lines])
@pytest.mark.parametrize("row", read_rows("line_breaks"))
def test_each_break_is_kept(row: Any, write: Any, is_chat: bool) -> None:
    done = translate_by(write, row["input"], is_chat=is_chat)

    assert done.output == row["right"]
