"""Adapts django-allauth to this site."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from gptstore.accounts.names import check_name
from gptstore.settings import ENV


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return ENV.signup

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(username, shallow)
        check_name(name)
        return name
