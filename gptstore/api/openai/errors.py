"""Errors in OpenAI's shape, by which its clients choose the exception that they raise."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import JsonResponse
from django.http.response import HttpResponseBase

INVALID, SERVER = "invalid_request_error", "server_error"


class OpenAIError(Exception):
    """Raised when a request can't be fulfilled. A retry helps where the status is 500 or above.

    param: the parameter that is wrong. code: a word for programs.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.headers = dict(headers or {})
        super().__init__(message)

    @property
    def body(self) -> dict[str, object]:
        kind = INVALID if self.status < 500 else SERVER
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


class ErrorResponse(JsonResponse):
    """The response for an error."""

    def __init__(self, error: OpenAIError) -> None:
        super().__init__(error.body, status=error.status, headers=error.headers)


def is_in_shape(response: HttpResponseBase) -> bool:
    """Return whether an error response is in OpenAI's shape already."""
    return isinstance(response, ErrorResponse)


def in_shape(status: int, detail: str, headers: Mapping[str, str]) -> ErrorResponse:
    """Return an error that has nothing but a status."""
    message = detail or f"{HTTPStatus(status).phrase}."
    return ErrorResponse(OpenAIError(status, message, code=HTTPStatus(status).name.lower(), headers=headers))
