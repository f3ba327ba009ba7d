"""The view of addresses below an API at which there is nothing."""

from typing import NoReturn

from django.http import Http404, HttpRequest


def nothing_here(request: HttpRequest) -> NoReturn:
    """Answer anybody that nothing is here; the middleware gives it the shape of the API."""
    raise Http404
