"""Carries a new key's secret over the redirect to the page that shows it once.

It travels in a signed cookie that only this person's account page gets, so the server never stores the secret in
clear, as a session would. The first page that shows it deletes it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "new_api_key"
MAX_AGE_SECONDS = 120


def hand_over(request: HttpRequest, response: HttpResponse, secret: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        secret,
        salt=salt(request),
        max_age=MAX_AGE_SECONDS,
        path=reverse("accounts:home"),
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def receive(request: HttpRequest) -> str | None:
    """The secret that waits for this person, or None. Pair it with `forget` on the response."""
    return request.get_signed_cookie(COOKIE, None, salt=salt(request), max_age=MAX_AGE_SECONDS)


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=reverse("accounts:home"), samesite="Strict")


def salt(request: HttpRequest) -> str:
    return f"gptstore.accounts.new-key.{request.user.pk}"
