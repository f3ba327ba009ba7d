"""Who calls: the owner of an API key, or the person whose browser is signed in."""

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from gptstore.accounts import keys
from gptstore.accounts.models import User
from gptstore.api.rest.problems import Kind, Problem


class SignedInRequest(HttpRequest):
    """What an operation behind SIGNED_IN gets: `auth` is the caller."""

    auth: User


class ApiKeyAuth(AuthBase):
    """`Authorization: Bearer gs_…`. ninja's own HttpBearer would write unknown headers to the log."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API key from the account page, or from `manage.py create_api_key`."

    def __call__(self, request: HttpRequest) -> User | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        user = keys.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise AuthenticationError  # a wrong key must not fall back on the browser's session
        return user


class BrowserAuth(AuthBase):
    """The session of a signed-in browser, with CSRF protection: so the documentation page can try things out."""

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


SIGNED_IN = [ApiKeyAuth(), BrowserAuth()]
