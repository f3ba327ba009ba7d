"""Makes every response below /api/ fit the API, also those that Django gives before or instead of an operation."""

from collections.abc import Awaitable, Callable
from typing import NoReturn

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from gptstore.api.rest.errors import MEDIA_TYPE, Kind, Problem, problem_response
from gptstore.faces import API, is_for_programs
from gptstore.server.errors import rejection_of

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
        if not request.path_info.startswith(API):
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
    """Return the problem of a request that was refused before it had arrived whole, None for all others."""
    rejection = rejection_of(request)
    return problem_response(Problem(Kind.of_status(rejection.status), rejection.detail)) if rejection else None


def fit(request: HttpRequest, asked: str | None, response: HttpResponseBase) -> HttpResponseBase:
    request.method = asked
    if "Allow" in response.headers:
        response.headers["Allow"] = with_implied_methods(response.headers["Allow"])
        if asked == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": response.headers["Allow"]})
            del response.headers["Content-Type"]
    if response.status_code >= 400 and response.headers.get("Content-Type") != MEDIA_TYPE:
        response = as_problem(response)
    if is_for_programs(request):
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def with_implied_methods(allow: str) -> str:
    methods = {method.strip() for method in allow.split(",")} | {"OPTIONS"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def as_problem(response: HttpResponseBase) -> HttpResponse:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return problem_response(Problem(Kind.of_status(response.status_code), headers=headers))


def nothing_here(request: HttpRequest) -> NoReturn:
    raise Http404
