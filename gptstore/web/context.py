"""The context that every page has besides its own data."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from gptstore.jobs.workers import WorkerInfo
from gptstore.jobs.workers import shared_model as find_shared_model


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what every page may use; what is queried, once a page, when it is used.

    shared_model: the worker whose model answers, or None. sees_admin: whether the admin would show something.
    has_mail: whether the store can send mail.
    """

    @cache
    def shared_model() -> WorkerInfo | None:
        return find_shared_model()

    @cache
    def sees_admin() -> bool:
        """Return whether this person may view or change anything: staff without rights would find an empty page."""
        return request.user.is_staff and bool(admin.site.get_app_list(request))

    return {"shared_model": shared_model, "sees_admin": sees_admin, "has_mail": settings.HAS_MAIL}
