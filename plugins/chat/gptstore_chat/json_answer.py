"""Reads the JSON Schema that an answer has to fit."""

import json
from typing import Any

from gptstore.sdk import ParameterError, ToolError
from gptstore.sdk.answer_schema import check_schema


def read_schema(text: str) -> dict[str, Any] | None:
    """Return the schema; None where there is none. Raises ToolError for one that no model can be held to."""
    if not text.strip():
        return None
    try:
        schema: dict[str, Any] = json.loads(text)
        check_schema(schema)
    except ParameterError as error:
        raise ToolError(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise ToolError(f"The JSON Schema is no JSON: {error}.") from None
    return schema
