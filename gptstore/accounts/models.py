"""The accounts of people."""

from django.contrib.auth.models import AbstractUser

from gptstore.accounts.api_key import ApiKey

__all__ = ["ApiKey", "User"]


class User(AbstractUser):
    """A person who signs in; owns jobs and API keys."""
