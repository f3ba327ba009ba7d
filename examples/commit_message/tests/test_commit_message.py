import json

import pytest
from gptstore_commit_message import DIFF, commit_message

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run

ANSWER = json.dumps({"kind": "fix", "subject": "refuse to pop an empty stack.", "body": "It raised a TypeError."})


@pytest.mark.parametrize(("style", "subject"), [("conventional", "fix: refuse"), ("plain", "refuse")])
def test_the_message_has_a_subject_and_a_body(style: str, subject: str) -> None:
    done = run(commit_message, diff=DIFF, style=style, model=ScriptedModel([ANSWER]))

    assert done.output == f"{subject} to pop an empty stack\n\nIt raised a TypeError."


def test_a_message_may_do_without_a_body() -> None:
    answer = json.dumps({"kind": "docs", "subject": "mend a link", "body": ""})

    assert run(commit_message, diff=DIFF, model=ScriptedModel([answer])).output == "docs: mend a link"


def test_a_long_diff_is_read_in_parts_and_the_message_is_written_from_what_they_change() -> None:
    def reply(messages: list[dict[str, str]]) -> str:
        return ANSWER if "Write a commit" in messages[-1]["content"] else "Adds a guard."

    done = run(commit_message, diff=DIFF * 20, model=ScriptedModel(reply, context_length=400))

    assert len(done.progress) == len(done.prompts) - 1 > 1
    assert "- Adds a guard.\n- Adds a guard." in done.prompts[-1][0]["content"]


def test_an_empty_diff_is_refused_with_what_to_do() -> None:
    with pytest.raises(ToolError, match="git diff --staged"):
        run(commit_message, diff="\n")
