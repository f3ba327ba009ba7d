"""A conversation as an input: what fits, and what is said of what does not, by the tool and by the catalogue alike."""

from typing import Annotated, Any

import pytest

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.sdk import Context, Field, InputError, LastRole, Messages, Tool, ToolDefinitionError, tool
from gptstore.sdk.messages import MAX_CHARACTERS, MAX_MESSAGES

HELLO = {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Good morning."}


@tool(title="Talk", category="writing")
def talk(
    ctx: Context,
    messages: Messages,
    drafts: Annotated[Messages, LastRole(None), Field(max_length=2)] | None = None,
    context: Annotated[Messages, LastRole("assistant")] | None = None,
) -> str:
    """Answer."""
    return messages[-1]["content"]


@pytest.mark.parametrize(
    "given",
    [
        {"messages": [HELLO]},
        {"messages": [{"role": "system", "content": ""}, HELLO, ANSWER, HELLO]},
        {"messages": [HELLO], "drafts": [HELLO, ANSWER], "context": [ANSWER]},
        {"messages": [HELLO] * MAX_MESSAGES},
    ],
)
def test_a_conversation_reaches_the_tool_as_it_is(given: dict[str, Any]) -> None:
    expected = {"drafts": None, "context": None, **given}

    assert talk.check_input(given) == expected
    assert dict(check_input(talk.input_schema, given)) == expected


@pytest.mark.parametrize(
    ("given", "field", "code", "message"),
    [
        ({}, "messages", "required", "This field is required."),
        ({"messages": "hello"}, "messages", "type", "This must be a list."),
        ({"messages": []}, "messages", "minItems", "At least 1 entry."),
        ({"messages": [HELLO] * (MAX_MESSAGES + 1)}, "messages", "maxItems", f"At most {MAX_MESSAGES} entries."),
        ({"messages": ["hello"]}, "messages", "type", "Entry 1: This must be an object."),
        ({"messages": [{"role": "user"}]}, "messages", "required", "Entry 1: This field is required."),
        ({"messages": [{"content": "a"}]}, "messages", "required", "Entry 1: This field is required."),
        (
            {"messages": [HELLO, {"role": "tool", "content": "a"}]},
            "messages",
            "enum",
            "Entry 2: Choose one of: system, user, assistant.",
        ),
        ({"messages": [{"role": "user", "content": 3}]}, "messages", "type", "Entry 1: This must be a text."),
        (
            {"messages": [{**HELLO, "name": "Ada"}]},
            "messages",
            "unknown",
            "Entry 1: There is no such field. Known fields: role, content.",
        ),
        (
            {"messages": [{"role": "user", "content": "a" * (MAX_CHARACTERS + 1)}]},
            "messages",
            "maxLength",
            f"Entry 1: At most {MAX_CHARACTERS} characters; this has {MAX_CHARACTERS + 1}.",
        ),
        (
            {"messages": [{"role": "user", "content": "a\0"}]},
            "messages",
            "characters",
            "This holds a character or a number that cannot be kept, such as NUL. Remove it.",
        ),
        ({"messages": [HELLO, ANSWER]}, "messages", "x-last-role", "The last message must have the role user."),
        (
            {"messages": [HELLO], "context": [HELLO]},
            "context",
            "x-last-role",
            "The last message must have the role assistant.",
        ),
        ({"messages": [HELLO], "drafts": [HELLO] * 3}, "drafts", "maxItems", "At most 2 entries."),
    ],
)
def test_the_tool_and_the_catalogue_say_the_same_of_what_does_not_fit(
    given: dict[str, Any], field: str, code: str, message: str
) -> None:
    expected = [{"field": field, "message": message, "code": code}]

    with pytest.raises(InputError) as by_tool:
        talk.check_input(given)
    with pytest.raises(InvalidInput) as by_catalogue:
        check_input(talk.input_schema, given)

    assert by_tool.value.errors == expected
    assert by_catalogue.value.errors == expected


def test_the_schema_refers_to_nothing_and_says_who_writes_last() -> None:
    schema = talk.input_schema["properties"]["messages"]

    assert "$ref" not in str(talk.input_schema)
    assert schema["x-last-role"] == "user"
    assert schema["items"]["required"] == ["role", "content"]
    assert "x-last-role" not in talk.input_schema["properties"]["drafts"]["anyOf"][0]


def test_an_example_must_be_a_conversation() -> None:
    def chat(ctx: Context, messages: Messages) -> str:
        """Answer."""
        return ""

    with pytest.raises(ToolDefinitionError, match="role assistant|role user"):
        Tool(chat, title="Chat", examples=[{"title": "One", "input": {"messages": [ANSWER]}}])


def test_only_a_conversation_has_a_last_role() -> None:
    def chat(ctx: Context, text: Annotated[str, LastRole()]) -> str:
        """Answer."""
        return ""

    with pytest.raises(ToolDefinitionError, match="inside Annotated is not supported"):
        Tool(chat, title="Chat")
