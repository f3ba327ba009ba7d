"""Authenticates a program by its API key."""

from django.http import HttpRequest

from gptstore.accounts import keys
from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.models import User


def authenticate_bearer(request: HttpRequest) -> User | None:
    """Return the owner of the key in `Authorization: Bearer gs_…`; None for a wrong key, and where there is none."""
    key = read_key(request)
    return key.owner if key else None


def read_key(request: HttpRequest) -> ApiKey | None:
    """Return the key itself, if it is a right one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return keys.find_key(secret.strip()) if scheme.lower() == "bearer" else None
