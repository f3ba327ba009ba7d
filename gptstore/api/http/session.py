"""Finds the session of a request whose head alone has arrived: no middleware has seen it yet."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest

from gptstore.accounts.models import User


def user_of_session(request: ASGIRequest) -> User | AnonymousUser:
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    return user if isinstance(user, User) else AnonymousUser()
