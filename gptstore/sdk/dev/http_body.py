"""Builds the body of a request in the form of OpenAI's API."""

from __future__ import annotations

from typing import Any

from gptstore.sdk.call import Call
from gptstore.sdk.dev.http_server import STORE, VLLM, Server
from gptstore.sdk.openai_logprobs import logprobs_fields

CHOICE = "choice"
MAX_STOPS = 4
"""Stop strings that OpenAI's API takes. The others are searched here alone."""

_PLAIN = ("temperature", "top_p", "seed", "top_k", "min_p", "repetition_penalty")


def completion_path(call: Call) -> str:
    return "completions" if isinstance(call.prompt, str) else "chat/completions"


def completion_body(call: Call, server: Server) -> dict[str, Any]:
    """Return the body for `completion_path`. What the author did not set is left to the server."""
    prompt: dict[str, Any] = {"prompt": call.prompt} if isinstance(call.prompt, str) else {"messages": call.prompt}
    body = {"model": server.model, **prompt, "stream": True, "stream_options": {"include_usage": True}}
    given = call.given
    body |= {name: given[name] for name in _PLAIN if name in given}
    if call.max_tokens is not None:
        body["max_tokens"] = call.max_tokens
    if call.stop and not call.thinking:  # in thoughts, a stop string would end the answer before it begins
        body["stop"] = list(call.stop if server.owner in (VLLM, STORE) else call.stop[:MAX_STOPS])
    if call.logprobs is not None:
        body |= logprobs_fields(call.logprobs, is_chat=not isinstance(call.prompt, str))
    if call.thinking is not None and server.owner == VLLM and not isinstance(call.prompt, str):
        body["chat_template_kwargs"] = {"enable_thinking": call.thinking}
    if call.choices and server.owner == VLLM:
        body["structured_outputs"] = {"choice": [*call.choices]}
    elif is_wrapped(call, server):
        body["response_format"] = _response_format(wrapped(call.choices))
    elif call.schema is not None:
        body["response_format"] = _response_format(call.schema)
    return body


def is_wrapped(call: Call, server: Server) -> bool:
    """Return whether a choice comes as an object around it: OpenAI's API has schemas of objects, no bare choices."""
    return bool(call.choices) and server.owner != VLLM


def wrapped(choices: tuple[str, ...]) -> dict[str, Any]:
    properties = {CHOICE: {"type": "string", "enum": [*choices]}}
    return {"type": "object", "properties": properties, "required": [CHOICE], "additionalProperties": False}


def _response_format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
