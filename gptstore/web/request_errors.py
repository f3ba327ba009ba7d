"""Answers requests for pages that were refused before they had arrived whole (`gptstore.server.body_limit`)."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language_from_request, override

from gptstore.server.errors import Rejection, rejection_of


class RejectionMiddleware:
    """Stands before everything that reads a request or serves a file: what was refused is not here to be read."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self.answer(request)
        rejection = rejection_of(request)
        return refused(request, rejection) if rejection else self.get_response(request)

    async def answer(self, request: HttpRequest) -> HttpResponseBase:
        rejection = rejection_of(request)
        return refused(request, rejection) if rejection else await self.get_response(request)  # type: ignore[misc]


def refused(request: HttpRequest, rejection: Rejection) -> HttpResponse:
    """Show a page that needs neither the database nor the session."""
    with override(get_language_from_request(request)):
        return render(None, "web/refused.html", {"rejection": rejection}, status=rejection.status)
