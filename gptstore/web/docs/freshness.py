"""Answers conditional requests: spares returning readers a page that they have, by an ETag of its content."""

import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

View = TypeVar("View", bound=Callable[..., HttpResponse])
TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w+')
"""Django masks the token of forms anew for each page. Any mask will do, as long as the cookie stays the same."""


def not_sent_twice(view: View) -> View:
    """Answer 304 to a browser that has this page. It always asks: the frame of each page shows who is signed in."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        patch_cache_control(response, private=True, no_cache=True)
        response["ETag"] = etag = etag_of(request, response.content)
        return get_conditional_response(request, etag, response=response) or response

    return answer  # type: ignore[return-value]


def etag_of(request: HttpRequest, html: bytes) -> str:
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "").encode()
    return f'"{sha256(TOKEN.sub(b"", html) + secret).hexdigest()[:32]}"'
