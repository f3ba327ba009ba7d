"""Completions of a text, and of a conversation, as jobs of the tools `writer` and `chat`."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from gptstore.accounts.models import User
from gptstore.api.http import idempotency
from gptstore.api.http.json_body import read_json
from gptstore.api.openai.answer import Answer, launched
from gptstore.api.openai.answers import Answers
from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.inputs import chat_input, completion_input, invalid_input, repeated
from gptstore.api.openai.models import check_model
from gptstore.api.openai.operation import KeyRequest, describe, operation
from gptstore.api.openai.requests import ChatRequest, CompletionRequest, Request, read_request
from gptstore.api.openai.shapes import Kind, Shape
from gptstore.api.openai.stream import stream_answers
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
    inputs = repeated(data, asked.count)
    launching = sync_to_async(launch)(request.owner, COMPLETION_TOOLS[request.path_info], asked.model, inputs, key)
    jobs = await launched(launching, is_kept=key is not None)
    answers = Answers([Answer(job, is_kept=key is not None) for job in jobs])
    shape = Shape(kind, jobs, asked.model, with_usage=asked.includes_usage)
    response: HttpResponseBase
    if asked.stream:
        response = await stream_answers(answers, shape, partial(describe, request))
    else:
        response = JsonResponse(shape.whole(await answers.whole()))
    response["X-Request-Id"] = str(jobs[0].id)
    return response


def read_key(request: KeyRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not idempotency.is_key(key):
        raise OpenAIError(400, f"Invalid 'Idempotency-Key': {idempotency.ADVICE}", code="invalid_value")
    return key


def launch(owner: User, slug: str, model: str, inputs: Sequence[Mapping[str, Any]], key: str | None) -> list[Job]:
    """Make a job for each input, all or none; or find those that an earlier request with this key has made.

    Raises OpenAIError.
    """
    check_model(model)
    try:
        tool = Tool.objects.open_to(owner).get(slug=slug)
        with transaction.atomic() if len(inputs) > 1 else nullcontext():
            if key is None:
                return [submit(owner, tool, data) for data in inputs]
            keys = idempotency.keys_of(key, len(inputs))
            return [submit_once(owner, tool, data, one)[0] for data, one in zip(inputs, keys, strict=True)]
    except InvalidInput as error:
        raise invalid_input(error) from None
    except (Tool.DoesNotExist, ToolUnavailable):
        message = f"This store does not offer the tool “{slug}”, which fulfils these requests. Ask its operator."
        raise OpenAIError(404, message, code="tool_unavailable") from None
