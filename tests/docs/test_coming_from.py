"""docs/coming-from.md: each tool on the page runs."""

import re
from pathlib import Path
from typing import Any

import pytest

from gptstore.sdk import Tool
from gptstore.sdk.testing import ScriptedModel, run

PAGE = (Path(__file__).parents[2] / "docs" / "coming-from.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
INPUTS: dict[str, dict[str, Any]] = {
    "slogan": {"product": "A bell"},
    "translate-terms": {"text": "Das Zahnrad", "keep": ["Zahnrad"]},
    "slang": {"text": "Hello."},
}


def tool_of(snippet: str) -> Tool:
    namespace: dict[str, Any] = {"__name__": "snippet"}
    exec(compile(snippet, "docs/coming-from.md", "exec"), namespace)  # noqa: S102
    [tool] = [value for value in namespace.values() if isinstance(value, Tool)]
    return tool


def test_the_page_has_a_tool_for_each_of_the_three() -> None:
    assert [tool_of(snippet).slug for snippet in SNIPPETS] == [*INPUTS]


@pytest.mark.parametrize("is_chat", [True, False], ids=["chat", "base"])
@pytest.mark.parametrize("snippet", SNIPPETS, ids=[*INPUTS])
def test_each_tool_runs_on_both_kinds_of_model(snippet: str, is_chat: bool) -> None:
    tool = tool_of(snippet)

    done = run(tool, INPUTS[tool.slug], model=ScriptedModel("Ding dong", is_chat=is_chat))

    assert done.output == "Ding dong"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[*INPUTS])
def test_each_example_runs(snippet: str) -> None:
    tool = tool_of(snippet)

    for example in tool.examples:
        assert run(tool, example.input, model=ScriptedModel("Ding")).output == "Ding"
