"""Turns a request into the input of the tool that fulfils it. Parameters and inputs have the same meaning."""

import json
from collections.abc import Mapping
from typing import Any

from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.requests import AsJson, AsSchema, ChatMessage, ChatRequest, CompletionRequest, Request
from gptstore.catalog.errors import InvalidInput
from gptstore.sdk.answer_schema import check_schema
from gptstore.sdk.errors import ParameterError
from gptstore.sdk.parameters import MAX_SEED

ANY_OBJECT = {"type": "object"}
PARAMETERS = {"text": "prompt", "json_schema": "response_format"}
"""The parameters whose inputs have other names."""


def completion_input(asked: CompletionRequest) -> dict[str, Any]:
    """Return the input of `writer`."""
    texts = [asked.prompt] if isinstance(asked.prompt, str) else asked.prompt
    if len(texts) != 1:
        message = "'prompt' takes one text. Send a request for each: they run side by side."
        raise OpenAIError(400, message, param="prompt", code="unsupported_value")
    return {"text": texts[0], **sampling(asked, asked.max_tokens)}


def chat_input(asked: ChatRequest) -> dict[str, Any]:
    """Return the input of `chat`."""
    most = asked.max_tokens if asked.max_completion_tokens is None else asked.max_completion_tokens
    messages = [as_message(message, place) for place, message in enumerate(asked.messages)]
    return {"messages": messages, **sampling(asked, most), **answer_form(asked)}


def sampling(asked: Request, max_tokens: int | None) -> dict[str, Any]:
    """Return the inputs that both tools have, without those that were left out: the tools have defaults."""
    stop = [asked.stop] if isinstance(asked.stop, str) else asked.stop
    given = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "max_tokens": max_tokens,
        "stop": stop,
        "seed": asked.seed,
        "logprobs": asked.alternatives,
    }
    return {name: value for name, value in given.items() if value is not None}


def repeated(data: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
    """Return the inputs for several answers. A seed grows by one for each: they are to differ, and to come again."""
    seed = data.get("seed")
    if seed is None:
        return [data] * count
    return [data, *({**data, "seed": (seed + number) % (MAX_SEED + 1)} for number in range(1, count))]


def as_message(message: ChatMessage, place: int) -> dict[str, str]:
    """Return a message as tools take them. Raises OpenAIError for one with more than a text."""
    if more := sorted(name for name, value in (message.model_extra or {}).items() if value not in (None, [], {})):
        text = f"Unsupported parameter: 'messages[{place}].{more[0][:60]}' is not supported. A message is a text."
        raise OpenAIError(400, text, param="messages", code="unsupported_parameter")
    content = message.content
    text = content if isinstance(content, str) else "".join(part.text for part in content or ())
    return {"role": "system" if message.role == "developer" else message.role, "content": text}


def answer_form(asked: ChatRequest) -> dict[str, Any]:
    """Return the input for `response_format`. Raises OpenAIError for a schema that no model can be held to."""
    match asked.response_format:
        case AsJson():
            schema: dict[str, Any] = ANY_OBJECT
        case AsSchema(json_schema=given):
            schema = ANY_OBJECT if given.schema_ is None else given.schema_
        case _:
            return {}
    try:
        check_schema(schema)
    except ParameterError as error:
        message = f"Invalid schema for 'response_format': {error}"
        raise OpenAIError(400, message, param="response_format", code="invalid_value") from None
    return {"json_schema": json.dumps(schema)}


def invalid_input(error: InvalidInput) -> OpenAIError:
    """Return the error for an input that does not fit the tool, by the name of its parameter."""
    found = error.errors[0]
    param = PARAMETERS.get(found["field"], found["field"])
    return OpenAIError(400, f"Invalid '{param}': {found['message']}", param=param, code="invalid_value")
