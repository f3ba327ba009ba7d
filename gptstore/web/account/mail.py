"""Keeps pages that send mail to stores that can."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def needs_mail(view: View) -> View:
    """Return a view that is not there (404) while no mail server is set. Who may call it is the view's own matter."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.HAS_MAIL:
            raise Http404
        return view(request, *args, **kwargs)

    return answer
