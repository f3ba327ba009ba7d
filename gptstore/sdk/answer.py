"""Answers in a form (structured output): the JSON Schema that constrains the model, and the parsing of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gptstore.sdk.errors import AnswerError

T = TypeVar("T", bound=BaseModel)

_FORMATS = {"date", "date-time", "duration", "email", "ipv4", "ipv6", "time", "uri", "uuid"}
_CUT_OFF = "json_invalid"


def answer_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a pydantic model, less rules that no grammar can express: pydantic checks them."""
    schema: dict[str, Any] = _loosen(kind.model_json_schema())
    return schema


def read_answer(kind: type[T], text: str) -> T:
    """Parse the answer. Raises AnswerError when the text is no JSON of this kind, often since it was cut off."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        if problem["type"] == _CUT_OFF:
            message = f"The model's answer ended before its {kind.__name__} was complete: raise max_tokens."
        else:
            place = ".".join(map(str, problem["loc"])) or "the whole"
            message = f"The model's answer is no valid {kind.__name__}: {place}: {problem['msg']}."
        raise AnswerError(message, text) from error


def read_choice(choices: Sequence[str], text: str) -> str:
    """Return the choice that was made. Raises AnswerError when the text is none of them, often since it was cut off."""
    if text in choices:
        return text
    for choice in choices:
        if choice.strip() == text.strip():  # some tokenizers drop the space at the start of a text
            return choice
    raise AnswerError("The model's answer ended before it was one of the choices: raise max_tokens.", text)


def _loosen(value: Any) -> Any:
    if isinstance(value, list):
        return [_loosen(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {key: _loosen(inner) for key, inner in value.items() if not _is_beyond_grammars(key, inner)}


def _is_beyond_grammars(key: str, value: Any) -> bool:
    """Return whether it is a keyword; a property of that name, which is kept, has an object for its schema."""
    if key == "uniqueItems":
        return isinstance(value, bool)
    return key == "format" and isinstance(value, str) and value not in _FORMATS
