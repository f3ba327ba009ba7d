"""Calls Django's middleware on the event loop, which takes no thread for what does not wait.

Under ASGI Django has a thread do every step of its own middleware, more than a dozen for each request, and handing them
over costs more than the steps do. `settings.MIDDLEWARE` keeps Django's names, which Django's checks look for.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class OnLoop:
    """Does the steps of the middleware that it is mixed into at once, and in a thread only what `waits`."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        its: Any = self
        response = its.process_request(request) if hasattr(its, "process_request") else None
        response = response or await its.get_response(request)
        if not hasattr(its, "process_response"):
            return response
        if self.waits(request):
            return await sync_to_async(its.process_response)(request, response)
        return its.process_response(request, response)

    def waits(self, request: HttpRequest) -> bool:
        """Return whether `process_response` will wait, such as for the database."""
        return False


class Security(OnLoop, SecurityMiddleware):
    pass


class Sessions(OnLoop, SessionMiddleware):
    def waits(self, request: HttpRequest) -> bool:
        session: Any = getattr(request, "session", None)
        return session is not None and (session.modified or settings.SESSION_SAVE_EVERY_REQUEST)


class Common(OnLoop, CommonMiddleware):
    pass


class Csrf(OnLoop, CsrfViewMiddleware):
    """Looks into a form for its token in a thread: a form may be long."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self.process_view = self.check_view  # type: ignore[method-assign,assignment]

    async def check_view(self, request: HttpRequest, callback: Any, *arguments: Any) -> Any:
        check = super().process_view
        if getattr(callback, "csrf_exempt", False) or request.method in SAFE_METHODS:
            return check(request, callback, *arguments)
        return await sync_to_async(check)(request, callback, *arguments)


class Authentication(OnLoop, AuthenticationMiddleware):
    pass


class Messages(OnLoop, MessageMiddleware):
    def waits(self, request: HttpRequest) -> bool:
        messages: Any = getattr(request, "_messages", None)
        return messages is not None and (messages.used or messages.added_new)


class XFrameOptions(OnLoop, XFrameOptionsMiddleware):
    pass


ON_LOOP = {
    "django.middleware.security.SecurityMiddleware": "Security",
    "django.contrib.sessions.middleware.SessionMiddleware": "Sessions",
    "django.middleware.common.CommonMiddleware": "Common",
    "django.middleware.csrf.CsrfViewMiddleware": "Csrf",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "Authentication",
    "django.contrib.messages.middleware.MessageMiddleware": "Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware": "XFrameOptions",
}
"""The names of Django's middleware, with those of this module that take their place."""


class WebHandler(ASGIHandler):
    """Django's handler of requests, with `ON_LOOP`."""

    def load_middleware(self, is_async: bool = False) -> None:
        named = settings.MIDDLEWARE
        settings.MIDDLEWARE = [f"{__name__}.{ON_LOOP[name]}" if name in ON_LOOP else name for name in named]
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = named
