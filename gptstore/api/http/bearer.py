"""Authenticates a program by its API key."""

from django.http import HttpRequest

from gptstore.accounts import keys
from gptstore.accounts.models import User


def authenticate_bearer(request: HttpRequest) -> User | None:
    """Return the owner of the key in `Authorization: Bearer gs_…`; None for a wrong key, and where there is none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return keys.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
