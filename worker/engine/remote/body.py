"""Builds the body of a request: OpenAI's fields, and vLLM's where OpenAI's API has none."""

import re
from typing import Any

from gptstore.sdk.openai_logprobs import logprobs_fields
from worker.engine.errors import BadRequest
from worker.engine.params import SamplingParams, read_schema
from worker.engine.protocol import Prompt, Request
from worker.engine.remote.server import CHAT, TEXT, Server
from worker.engine.thoughts import ThoughtFilter, thinking_switches

CHOICE = "choice"
SWITCHES = "chat_template_kwargs"
_UNKNOWN_FIELD = re.compile(
    rf"{SWITCHES}|enable_thinking|extra|un(?:known|recogni[sz]ed|expected|supported)|not permitted|additional propert",
    re.IGNORECASE,
)
_MAX_STOPS = 4
"""Stop strings that OpenAI's API takes; all of them are searched here as well."""


def prompt_fields(prompt: Prompt, server: Server, *, thinking: bool = False) -> dict[str, Any]:
    """Return the fields of a prompt: a text, or messages in the server's form, with the switches of thinking."""
    if isinstance(prompt, str):
        return {"prompt": prompt}
    switches = {SWITCHES: thinking_switches(thinking)} if server.takes_switches else {}
    return {"messages": server.form.turns(prompt), **switches}


def thought_filter(request: Request, server: Server) -> ThoughtFilter | None:
    """Return what takes thoughts out of the answer to a request; None for plain text, which has none.

    A server may hold a model to a schema or to choices from its first token on, so that it can't think.
    """
    if isinstance(request.prompt, str):
        return None
    opened = server.opened[request.params.thinking]
    return ThoughtFilter(opened=opened, is_answer_unclosed=request.params.is_constrained)


def refuses_switches(error: BadRequest) -> bool:
    """Return whether a server that knows no `chat_template_kwargs` refused a request for them."""
    return _UNKNOWN_FIELD.search(error.message) is not None


def may_think(request: Request, server: Server) -> bool:
    """Return whether thoughts are to be expected before the answer."""
    return not isinstance(request.prompt, str) and (server.thinking == "always" or request.params.thinking)


def completion_path(prompt: Prompt) -> str:
    return TEXT if isinstance(prompt, str) else CHAT


def completion_body(request: Request, server: Server, max_tokens: int) -> dict[str, Any]:
    """Return the body for `completion_path`. Raises BadRequest for a schema that no engine takes."""
    params, is_chat = request.params, not isinstance(request.prompt, str)
    prompt = prompt_fields(request.prompt, server, thinking=params.thinking)
    body = {"model": server.model, **prompt, "max_tokens": max_tokens, "stream": True}
    body |= {"temperature": params.temperature, "top_p": params.top_p, "stream_options": {"include_usage": True}}
    if server.is_vllm:
        body["stream_options"]["continuous_usage_stats"] = True
    if params.stop and not may_think(
        request, server
    ):  # in thoughts, a stop string would end the answer before it begins
        body["stop"] = list(params.stop if server.is_vllm else params.stop[:_MAX_STOPS])
    if params.seed is not None:
        body["seed"] = params.seed
    if params.logprobs is not None:
        body |= logprobs_fields(params.logprobs, is_chat=is_chat)
    if params.schema is not None:
        body["response_format"] = _response_format(read_schema(params.schema))
    elif params.choices and not server.is_vllm:
        body["response_format"] = _response_format(wrapped(params.choices))
    return body | _extensions(params, server)


def wrapped(choices: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of a choice, for servers without choices: OpenAI's API takes an object, nothing smaller."""
    properties = {CHOICE: {"type": "string", "enum": list(choices)}}
    return {"type": "object", "properties": properties, "required": [CHOICE], "additionalProperties": False}


def _response_format(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _extensions(params: SamplingParams, server: Server) -> dict[str, Any]:
    """Return vLLM's own fields: all of them for vLLM, whose defaults are those of the model's folder; for other servers
    only those that the request sets."""
    fields: dict[str, Any] = {}
    if server.is_vllm or params.top_k:
        fields["top_k"] = params.top_k or -1
    if server.is_vllm or params.min_p:
        fields["min_p"] = params.min_p
    if server.is_vllm or params.repetition_penalty != 1:
        fields["repetition_penalty"] = params.repetition_penalty
    if not server.is_vllm and params.repetition_penalty != 1:
        fields["repeat_penalty"] = params.repetition_penalty  # llama.cpp's name for it
    if params.choices and server.is_vllm:
        fields["structured_outputs"] = {"choice": list(params.choices)}
    if params.ignore_end:
        fields["ignore_eos"] = True
    return fields
