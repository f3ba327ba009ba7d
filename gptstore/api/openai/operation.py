"""What all operations share: who may call them, and how what goes wrong is answered."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from redis import RedisError

from gptstore.accounts.models import User
from gptstore.api.http.bearer import authenticate_bearer
from gptstore.api.http.errors import BadBody
from gptstore.api.openai.errors import ErrorResponse, OpenAIError
from gptstore.jobs.errors import IdempotencyConflict
from gptstore.jobs.models import Job
from gptstore.outage import RETRY_SECONDS, say_away

log = structlog.get_logger(__name__)

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
NO_KEY = "Send `Authorization: Bearer gs_…` with an API key from your account page of this store."


class KeyRequest(HttpRequest):
    """The request that an operation gets. owner: the person whose key came with it."""

    owner: User


def operation(view: View) -> View:
    """Let in who has an API key, and answer every exception in OpenAI's shape."""

    @csrf_exempt
    @wraps(view)
    async def answer(request: HttpRequest, **address: str) -> HttpResponseBase:
        try:
            owner = await sync_to_async(authenticate_bearer)(request)
            if owner is None:
                raise OpenAIError(
                    401, NO_KEY, code="invalid_api_key", headers={"WWW-Authenticate": 'Bearer realm="gptstore"'}
                )
            request.owner = owner  # type: ignore[attr-defined]
            return await view(request, **address)
        except Exception as error:
            return ErrorResponse(describe(request, error))

    return answer


def describe(request: HttpRequest, error: Exception) -> OpenAIError:
    """Return the error that the caller gets; of a fault of ours nothing that could be a secret."""
    match error:
        case OpenAIError():
            return error
        case BadBody():
            return OpenAIError(error.status, error.detail, code="invalid_body")
        case RequestDataTooBig():
            return OpenAIError(413, f"A body can have up to {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")
        case IdempotencyConflict():
            message = "This Idempotency-Key came before with another request. Send a new key with a new request."
            return OpenAIError(422, message, code="idempotency_conflict")
        case Job.DoesNotExist():
            return OpenAIError(404, "The run was deleted before it had ended.", code="not_found")
        case RedisError() | OperationalError() | InterfaceError():
            return away(error)
    log.error("api_request_failed", method=request.method, path=request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return OpenAIError(500, "Something went wrong in the store. The operators can find the reason in the log.")


def away(error: Exception) -> OpenAIError:
    say_away("redis" if isinstance(error, RedisError) else "database", error)
    message = "The database or Redis does not answer. Try again in a few seconds."
    return OpenAIError(503, message, code="unavailable", headers={"Retry-After": str(RETRY_SECONDS)})
