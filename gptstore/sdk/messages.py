"""A conversation as an input: a list of messages, of which the last is mostly the user's, who waits for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict
from pydantic import Field as PydanticField
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import TypedDict

from gptstore.sdk.call import Message
from gptstore.sdk.error_messages import LAST_ROLE
from gptstore.sdk.parameters import ROLES
from gptstore.sdk.text import is_storable

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_MESSAGES = 1_000
MAX_CHARACTERS = 200_000
"""The limit on the characters of one message."""

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class LastRole:
    """The role that the last message must have, as in `Annotated[Messages, LastRole(None)]`. None: any role."""

    role: Role | None = "user"


Messages = Annotated[list[Message], LastRole()]
"""A conversation: messages with a `role` and a `content`, at least one, of which the last is the user's."""


class CheckedMessage(TypedDict):
    """One message, as pydantic checks it."""

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")  # type: ignore[misc]

    role: Role
    content: Annotated[str, PydanticField(max_length=MAX_CHARACTERS)]


def message_limits(given: Mapping[str, Any]) -> dict[str, int]:
    """Return the fewest and the most messages, by the options of the input's Field."""
    return {
        "min_length": max(1, given.get("min_length", 1)),
        "max_length": min(MAX_MESSAGES, given.get("max_length", MAX_MESSAGES)),
    }


def messages_schema(limits: Mapping[str, int], last_role: Role | None) -> dict[str, Any]:
    """Return the JSON Schema of a conversation. `x-last-role`, which JSON Schema has no word for, is checked too."""
    properties = {
        "role": {"type": "string", "enum": list(ROLES)},
        "content": {"type": "string", "maxLength": MAX_CHARACTERS},
    }
    message = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    schema = {"type": "array", "items": message, "minItems": limits["min_length"], "maxItems": limits["max_length"]}
    return schema | ({} if last_role is None else {LAST_ROLE: last_role})


def messages_type(limits: Mapping[str, int], last_role: Role | None) -> Any:
    """Return the annotation with which pydantic checks the rules of this schema."""

    def check(messages: list[CheckedMessage]) -> list[CheckedMessage]:
        if not all(is_storable(message["content"]) for message in messages):
            raise PydanticKnownError("string_unicode")
        if not ends_with(messages, last_role):
            raise PydanticCustomError(LAST_ROLE, "the last message has another role")
        return messages

    return Annotated[list[CheckedMessage], PydanticField(**limits), AfterValidator(check)]


def ends_with(messages: object, role: object) -> bool:
    """Return whether the last message has this role; True where there is no message, which is another rule's."""
    if role is None or not isinstance(messages, list) or not messages:
        return True
    return not isinstance(messages[-1], Mapping) or messages[-1].get("role", role) == role


def broken_rule_of_message(problem: ErrorDetails, last_role: Role | None) -> tuple[str, object] | None:
    """Return the rule of a conversation that is broken, with its value; None for one that every list has."""
    match problem["type"]:
        case "dict_type":
            return "type", "object"
        case "literal_error":
            return "enum", ROLES
        case "extra_forbidden":
            return "unknown", ["role", "content"]
        case "string_too_long":
            return "maxLength", MAX_CHARACTERS
    return (LAST_ROLE, last_role) if problem["type"] == LAST_ROLE else None
