"""Deletes sessions that have expired, which Django itself never does."""

import time

from django.contrib.sessions.models import Session
from django.utils import timezone

MAX_AT_ONCE = 500
MAX_SECONDS = 0.3


def delete_expired() -> None:
    """Delete expired sessions. When they are many, the others come next time."""
    end = time.monotonic() + MAX_SECONDS
    expired = Session.objects.filter(expire_date__lt=timezone.now())
    while keys := list(expired.values_list("session_key", flat=True)[:MAX_AT_ONCE]):
        Session.objects.filter(session_key__in=keys).delete()
        if time.monotonic() >= end:
            return
