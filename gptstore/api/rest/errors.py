"""Errors as RFC 9457 problem details: every error of the API has this one shape."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum

from django.http import JsonResponse
from django.http.response import HttpResponseBase

MEDIA_TYPE = "application/problem+json"


class Kind(Enum):
    """One kind of error: (status, title). The `type` is `urn:gptstore:problem:` and the name in kebab-case."""

    BAD_REQUEST = 400, "The request is not valid"
    INVALID_JSON = 400, "The body is not valid JSON"
    UNAUTHENTICATED = 401, "Sign in first"
    FORBIDDEN = 403, "This is not allowed"
    NOT_FOUND = 404, "There is nothing at this address"
    METHOD_NOT_ALLOWED = 405, "This address does not take that method"
    TOO_SLOW = 408, "The request did not arrive in time"
    TOO_LARGE = 413, "The body is too large"
    UNSUPPORTED_MEDIA_TYPE = 415, "The body must be JSON"
    INVALID_INPUT = 422, "The input is not valid"
    IDEMPOTENCY_CONFLICT = 422, "The idempotency key was used for another request"
    REFUSED_BUNDLE = 422, "The store does not take this bundle"
    TOO_MANY = 429, "This was too often"
    INTERNAL_ERROR = 500, "Something went wrong in the store"
    UNAVAILABLE = 503, "The store can't do this now"

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def title(self) -> str:
        return self.value[1]

    @property
    def urn(self) -> str:
        return "urn:gptstore:problem:" + self.name.lower().replace("_", "-")

    @classmethod
    def of_status(cls, status: int) -> "Kind":
        """Return the general kind of problem with this status, or the nearest one that is more general."""
        fallback = cls.BAD_REQUEST if status < 500 else cls.INTERNAL_ERROR
        return next((kind for kind in cls if kind.status == status), fallback)


@dataclass(frozen=True)
class FieldProblem:
    """One invalid value. `pointer` is a JSON Pointer into the body, "" for a value outside of it."""

    field: str
    message: str
    code: str
    pointer: str = ""


class Problem(Exception):
    """Raised when an operation can't fulfil the request. A retry helps where the kind is UNAVAILABLE.

    detail: for people; names the remedy, where there is one.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        super().__init__(detail or kind.title)


def problem_response(problem: Problem) -> JsonResponse:
    kind = problem.kind
    body: dict[str, object] = {"type": kind.urn, "title": kind.title, "status": kind.status}
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = [without_empty_pointer(error) for error in problem.errors]
    return JsonResponse(body, status=kind.status, content_type=MEDIA_TYPE, headers=problem.headers)


def without_empty_pointer(error: FieldProblem) -> dict[str, str]:
    return {name: value for name, value in asdict(error).items() if name != "pointer" or value}


def is_in_shape(response: HttpResponseBase) -> bool:
    """Return whether an error response is a problem already."""
    return response.headers.get("Content-Type") == MEDIA_TYPE


def in_shape(status: int, detail: str, headers: Mapping[str, str]) -> JsonResponse:
    """Return the general problem with this status."""
    return problem_response(Problem(Kind.of_status(status), detail, headers=headers))
