"""Adapts django-allauth to this site."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from gptstore.settings import ENV


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return ENV.signup
