"""Turns every exception of an operation into a problem."""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from redis import RedisError

from gptstore.api.rest.errors import FieldProblem, Kind, Problem, problem_response
from gptstore.catalog.errors import InvalidInput
from gptstore.jobs.errors import IdempotencyConflict, ToolUnavailable
from gptstore.jobs.models import Job
from gptstore.outage import AWAY, RETRY_SECONDS, say_away
from gptstore.releases.errors import BundleRefused, BundleStorageError
from gptstore.sdk.errors import FieldError

log = structlog.get_logger(__name__)

SIGN_IN = "Send `Authorization: Bearer gs_…` with an API key from your account page."


def install(api: NinjaAPI) -> None:
    for exception, describe in DESCRIPTIONS.items():
        api.add_exception_handler(exception, answer_with(describe))
    api.add_exception_handler(Exception, answer_unexpected)


def answer_with(describe: Callable[[Any], Problem]) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, error: problem_response(describe(error))


def answer_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a fault of ours: the log gets everything, the caller gets nothing that could be a secret."""
    log.error("api_request_failed", method=request.method, path=request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return problem_response(Problem(Kind.INTERNAL_ERROR, "The operators can find the reason in the log."))


def unauthenticated(error: Exception | None = None) -> Problem:
    return Problem(Kind.UNAUTHENTICATED, SIGN_IN, headers={"WWW-Authenticate": 'Bearer realm="gptstore"'})


def http_error(error: HttpError) -> Problem:
    """Unwrap what ninja's parser raised; the wrapped problem says more."""
    if isinstance(error.__cause__, Problem):
        return error.__cause__
    return Problem(Kind.of_status(error.status_code), error.message)


def too_large(error: Exception) -> Problem:
    return Problem(Kind.TOO_LARGE, f"A body can have up to {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")


def unavailable(error: Exception) -> Problem:
    say_away("redis" if isinstance(error, RedisError) else "database", error)
    detail = "The database or Redis does not answer. Try again in a few seconds."
    return Problem(Kind.UNAVAILABLE, detail, headers={"Retry-After": str(RETRY_SECONDS)})


def tool_unavailable(error: ToolUnavailable) -> Problem:
    if error.reason:
        return Problem(Kind.UNAVAILABLE, error.reason)
    return Problem(Kind.NOT_FOUND, "This tool is not offered now.")


def idempotency_conflict(error: IdempotencyConflict) -> Problem:
    detail = "This Idempotency-Key came before with another tool or input. Send a new key with a new request."
    return Problem(Kind.IDEMPOTENCY_CONFLICT, detail)


def invalid_tool_input(error: InvalidInput) -> Problem:
    errors = [
        FieldProblem(field or "input", found["message"], found["code"], pointer("input", *place_of(found)))
        for found in error.errors
        for field in [found["field"]]
    ]
    return Problem(Kind.INVALID_INPUT, "The tool's input does not fit its input_schema.", errors=errors)


def place_of(found: FieldError) -> list[str]:
    """Return the place in the input: "address.city" is a field of an object."""
    return found["field"].split(".") if found["field"] else []


def invalid_request(error: ValidationError) -> Problem:
    """Describe pydantic's `error.errors`, which have the source ("query", "body", …) in front of each place."""
    return Problem(
        Kind.INVALID_INPUT,
        "The request does not fit what this operation takes.",
        errors=[*map(field_problem, error.errors)],
    )


def field_problem(found: dict[str, Any]) -> FieldProblem:
    source, *place = found["loc"]
    if source == "body":
        place = place[1:]  # the name of the function's parameter, which is no part of the body
        name = ".".join(map(str, place)) or "body"
        return FieldProblem(name, found["msg"], found["type"], pointer(*place))
    return FieldProblem(".".join(map(str, place)), found["msg"], found["type"])


def pointer(*place: object) -> str:
    """Return a JSON Pointer (RFC 6901) as a URI fragment without percent-encoding: `#/input/text`."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def refused_bundle(error: BundleRefused) -> Problem:
    errors = [FieldProblem(found.place or "bundle", found.sentence, found.rule) for found in error.problems]
    detail = "The bundle has problems: `errors` says which, where, and how to mend them."
    return Problem(Kind.REFUSED_BUNDLE, detail, errors=errors)


def storage_failed(error: BundleStorageError) -> Problem:
    return Problem(Kind.UNAVAILABLE, str(error), headers={"Retry-After": str(RETRY_SECONDS)})


DESCRIPTIONS: dict[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    AuthenticationError: unauthenticated,
    HttpError: http_error,
    ValidationError: invalid_request,
    InvalidInput: invalid_tool_input,
    ToolUnavailable: tool_unavailable,
    IdempotencyConflict: idempotency_conflict,
    BundleRefused: refused_bundle,
    BundleStorageError: storage_failed,
    **dict.fromkeys((Http404, Job.DoesNotExist), lambda error: Problem(Kind.NOT_FOUND)),
    PermissionDenied: lambda error: Problem(Kind.FORBIDDEN),
    RequestDataTooBig: too_large,
    SuspiciousOperation: lambda error: Problem(Kind.BAD_REQUEST),
    **dict.fromkeys((*AWAY, RedisError), unavailable),
}
