"""The code writer takes code out of an answer by CommonMark's rules, and the block that was asked for of several."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run
from gptstore_code_writer.code_filter import code_only
from gptstore_code_writer.languages import LABELS, NAMES, language_of
from gptstore_code_writer.tool import write_code
from tests.text.rows import read_rows

LINES = [
    "```",
    "```python",
    "~~~",
    "    ```",
    "\t```js",
    "x = 1",
    "def f():",
    "    return 1",
    "Sure, here it is:",
    "",
    "> a",
]


def taken(answer: str, language: str, size: int, *, prose_first: bool) -> str:
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]
    return "".join(code_only(pieces, language, prose_first=prose_first))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 4, 10_000])
@pytest.mark.parametrize("prose_first", [True, False], ids=["chat", "base"])
@pytest.mark.parametrize("row", read_rows("code"))
def test_the_code_of_an_answer_is_taken_however_it_arrives(row: dict[str, Any], prose_first: bool, size: int) -> None:
    assert taken(row["input"], row.get("language", "python"), size, prose_first=prose_first) == row["right"]


@pytest.mark.parametrize("row", read_rows("code"))
def test_the_tool_gives_this_code_or_says_that_there_is_none(row: dict[str, Any]) -> None:
    def answer() -> str:
        return run(
            write_code, model=ScriptedModel(row["input"]), task="Do it.", language=row.get("language", "python")
        ).output

    if not row["right"]:
        with pytest.raises(ToolError, match="gave no code"):
            answer()
        return
    assert answer().split("\n# Note: this code does not parse")[0] == row["right"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12), st.booleans(), st.integers(1, 9))
def test_no_answer_gives_other_code_in_other_pieces(lines: list[str], prose_first: bool, size: int) -> None:
    answer = "\n".join(lines)
    assert taken(answer, "python", size, prose_first=prose_first) == taken(
        answer, "python", 10_000, prose_first=prose_first
    )


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters="`~\r\x00", exclude_categories=["Cs"]), min_size=1), st.integers(3, 6))
def test_any_text_in_a_closed_block_comes_back_as_it_was(code: str, marks: int) -> None:
    lines = [line for line in code.split("\n") if line.strip()] or ["x"]
    block = "`" * marks + "javascript\n" + "\n".join(lines) + "\n" + "`" * marks
    for answer in (block, f"Here it is:\n\n{block}\n\nThat is all.\n"):
        assert taken(answer, "javascript", 7, prose_first=True).rstrip() == "\n".join(lines).rstrip()


@pytest.mark.parametrize(
    "label", ["Python", "PY", "python3", "python3.12", "{.python}", "language-python", "py:main.py"]
)
def test_a_language_is_known_under_its_other_names(label: str) -> None:
    assert language_of(label) == "python"


def test_every_label_names_its_language_in_capitals_too() -> None:
    assert {label: language_of(label.upper()) for label in LABELS} == LABELS
    assert set(LABELS.values()) == set(NAMES)


@pytest.mark.parametrize("label", ["", "text", "json", "diff", "ruby", "pythonic", "csharp", "javadoc", "123"])
def test_other_labels_name_none_of_the_languages(label: str) -> None:
    assert language_of(label) is None


def test_an_answer_that_begins_with_the_block_streams_and_ends_with_it() -> None:
    asked_for: list[str] = []

    def pieces() -> Any:
        for piece in ["```py\n", "def f():\n", "    return", " 1\n", "```\n", "Explanation: it returns one."]:
            asked_for.append(piece)
            yield piece

    shown = list(code_only(pieces(), "python", prose_first=True))
    assert shown == ["def f():", "\n    return", " 1"]
    assert asked_for[-1] == "```\n"
