"""Completions of a text, and of a conversation, as jobs of the tools `writer` and `chat`."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from gptstore.accounts.models import User
from gptstore.api.http import idempotency
from gptstore.api.http.json_body import read_json
from gptstore.api.openai.answer import Answer, launched
from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.inputs import chat_input, completion_input, invalid_input
from gptstore.api.openai.models import check_model
from gptstore.api.openai.operation import KeyRequest, describe, operation
from gptstore.api.openai.requests import ChatRequest, CompletionRequest, Request, read_request
from gptstore.api.openai.shapes import Kind, Shape
from gptstore.api.openai.stream import stream_answer
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.models import Tool
from gptstore.faces import COMPLETION_TOOLS
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.lifecycle.idempotency import submit_once
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job


@require_POST
@operation
async def create_completion(request: KeyRequest) -> HttpResponseBase:
    """Go on with a text, for the owner of the key."""
    asked = read_request(CompletionRequest, read_json(request))
    return await complete(request, "completion", asked, completion_input(asked))


@require_POST
@operation
async def create_chat_completion(request: KeyRequest) -> HttpResponseBase:
    """Answer a conversation, for the owner of the key."""
    asked = read_request(ChatRequest, read_json(request))
    return await complete(request, "chat", asked, chat_input(asked))


async def complete(request: KeyRequest, kind: Kind, asked: Request, data: Mapping[str, Any]) -> HttpResponseBase:
    """Run the tool, and answer with what it writes, as it is written or whole."""
    key = read_key(request)
    launching = sync_to_async(launch)(request.owner, COMPLETION_TOOLS[request.path_info], asked.model, data, key)
    job = await launched(launching, is_kept=key is not None)
    answer = Answer(job, is_kept=key is not None)
    shape = Shape(kind, job, asked.model, with_usage=asked.includes_usage)
    response: HttpResponseBase
    if asked.stream:
        response = await stream_answer(answer, shape, partial(describe, request))
    else:
        response = JsonResponse(shape.whole(await answer.whole()))
    response["X-Request-Id"] = str(job.id)
    return response


def read_key(request: KeyRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not idempotency.is_key(key):
        raise OpenAIError(400, f"Invalid 'Idempotency-Key': {idempotency.ADVICE}", code="invalid_value")
    return key


def launch(owner: User, slug: str, model: str, data: Mapping[str, Any], key: str | None) -> Job:
    """Make the job, or find the one that an earlier request with this key has made. Raises OpenAIError."""
    check_model(model)
    try:
        tool = Tool.objects.listed().get(slug=slug)
        return submit(owner, tool, data) if key is None else submit_once(owner, tool, data, key)[0]
    except InvalidInput as error:
        raise invalid_input(error) from None
    except (Tool.DoesNotExist, ToolUnavailable):
        message = f"This store does not offer the tool “{slug}”, which fulfils these requests. Ask its operator."
        raise OpenAIError(404, message, code="tool_unavailable") from None
