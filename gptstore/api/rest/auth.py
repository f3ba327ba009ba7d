"""Authenticates callers: by an API key, or by the session of a signed-in browser."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from gptstore.accounts.models import User
from gptstore.api.http.bearer import authenticate_bearer, read_key
from gptstore.api.rest.errors import Kind, Problem


class SignedInRequest(HttpRequest):
    """The request that an operation behind SIGNED_IN gets: `auth` is the caller."""

    auth: User


class ApiKeyAuth(AuthBase):
    """Takes `Authorization: Bearer gs_…`. ninja's own HttpBearer would write unknown headers to the log."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API key from the account page, or from `manage.py create_api_key`."

    def __call__(self, request: HttpRequest) -> User | None:
        if not request.headers.get("Authorization"):
            return None
        user = authenticate_bearer(request)
        if user is None:
            raise AuthenticationError  # a wrong key must not fall back on the browser's session
        return user


class BrowserAuth(AuthBase):
    """Takes the session of a signed-in browser, with CSRF protection: the documentation page sends requests so."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The session of a signed-in browser. Requests that change something need `X-CSRFToken`."
    csrf = True

    def __call__(self, request: HttpRequest) -> User | None:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise Problem(Kind.FORBIDDEN, "The CSRF token is missing or wrong. Programs use an API key instead.")
        return request.user


class SubmittingKeyAuth(ApiKeyAuth):
    """Takes keys that may submit releases, and refuses others: to add code to a store is more than to run tools."""

    def __call__(self, request: HttpRequest) -> User | None:
        if not request.headers.get("Authorization"):
            return None
        key = read_key(request)
        if key is None:
            raise AuthenticationError
        if not key.submits:
            raise Problem(Kind.FORBIDDEN, "This key may not submit releases. Make one that may on your account page.")
        return key.owner


def caller(request: HttpRequest) -> User | AnonymousUser:
    """Return who reads what everybody may read a part of: the owner of the key, or of the session, or a guest.

    A wrong key is a guest's: what it gets is theirs anyway.
    """
    if request.headers.get("Authorization"):
        return authenticate_bearer(request) or AnonymousUser()
    return request.user


SIGNED_IN = [ApiKeyAuth(), BrowserAuth()]

MAY_SUBMIT = [SubmittingKeyAuth(), BrowserAuth()]
