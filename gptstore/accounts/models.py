"""People."""

from django.contrib.auth.models import AbstractUser

from gptstore.accounts.api_key import ApiKey

__all__ = ["ApiKey", "User"]


class User(AbstractUser):
    """Somebody who signs in; owns jobs and API keys."""
