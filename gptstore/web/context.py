"""The context that every page has besides its own data."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from gptstore.jobs.workers import WorkerInfo
from gptstore.jobs.workers import shared_model as find_shared_model


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what every page may use.

    shared_model: the worker whose model answers, or None. It is queried once a page, when it is used.
    has_mail: whether the store can send mail.
    """

    @cache
    def shared_model() -> WorkerInfo | None:
        return find_shared_model()

    return {"shared_model": shared_model, "has_mail": settings.HAS_MAIL}
