"""How often a person may do what is costly, counted as failed sign-ins are: ACCOUNT_RATE_LIMITS."""

from allauth.core import ratelimit
from django.http import HttpRequest

from gptstore.accounts.models import User

SUBMIT_RELEASE = "submit_release"
SUBMIT_SECONDS = 120
"""After how long one more is allowed, at the earliest."""


def may_submit(request: HttpRequest, user: User) -> bool:
    """Count one more submission of this person. Return whether it is allowed."""
    return bool(ratelimit.consume(request, action=SUBMIT_RELEASE, user=user))
