"""Adapts django-allauth to this site."""

import unicodedata
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import get_ip
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gptstore.accounts.names import check_name
from gptstore.outage import RETRY_SECONDS, say_away
from gptstore.settings import ENV


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return ENV.signup

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(username, shallow)
        check_name(name)
        return name

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail. When the server does not take it, the person gets a page that says so."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            say_away("mail_server", error)
            raise ImmediateHttpResponse(mail_unavailable()) from None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return what failed sign-ins are counted by, beside the address alone: the pair of address and name.

        By the name alone, a stranger's guesses would lock its owner out.
        """
        name = credentials.get("username") or credentials.get("email") or ""
        return f"{get_ip(request)} {unicodedata.normalize('NFKC', name).casefold()}"


def mail_unavailable() -> HttpResponse:
    page = render(context.request, "account/mail_unavailable.html", status=503)
    page["Retry-After"] = str(RETRY_SECONDS)
    return page
