"""Makes every response of an API fit it, also those that Django gives before or instead of an operation."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from gptstore.api.openai import errors as openai_errors
from gptstore.api.rest import errors as rest_errors
from gptstore.faces import API, OPENAI_API, is_for_programs
from gptstore.server.errors import rejection_of

SHAPES = {API: rest_errors, OPENAI_API: openai_errors}
"""The module of each API's errors: `is_in_shape` finds a response that is one, `in_shape` makes one."""

KEPT_HEADERS = ("Allow", "Retry-After")


class ApiMiddleware:
    """Comes before sessions and sign-in, and so sees their responses. Takes HEAD where GET is, and OPTIONS anywhere."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if not request.path_info.startswith(tuple(SHAPES)):
            return self.get_response(request)
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"  # the server leaves the body out
        if self.is_async:
            return self.answer(request, asked)
        return fit(request, asked, refused(request) or self.get_response(request))  # type: ignore[arg-type]

    async def answer(self, request: HttpRequest, asked: str | None) -> HttpResponseBase:
        return fit(request, asked, refused(request) or await self.get_response(request))  # type: ignore[misc]


def refused(request: HttpRequest) -> HttpResponse | None:
    """Return the error of a request that was refused before it had arrived whole, None for all others."""
    rejection = rejection_of(request)
    return error_response(request, rejection.status, rejection.detail) if rejection else None


def error_response(
    request: HttpRequest, status: int, detail: str = "", headers: dict[str, str] | None = None
) -> HttpResponse:
    """Return an error in the shape of the API that the request is for."""
    shape = next(shape for prefix, shape in SHAPES.items() if request.path_info.startswith(prefix))
    return shape.in_shape(status, detail, headers or {})


def fit(request: HttpRequest, asked: str | None, response: HttpResponseBase) -> HttpResponseBase:
    request.method = asked
    if "Allow" in response.headers:
        response.headers["Allow"] = with_implied_methods(response.headers["Allow"])
        if asked == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": response.headers["Allow"]})
            del response.headers["Content-Type"]
    if response.status_code >= 400 and not any(shape.is_in_shape(response) for shape in SHAPES.values()):
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        response = error_response(request, response.status_code, headers=headers)
    if is_for_programs(request):
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def with_implied_methods(allow: str) -> str:
    methods = {method.strip() for method in allow.split(",")} | {"OPTIONS"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))
