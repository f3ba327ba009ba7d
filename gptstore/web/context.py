"""The context that every page has besides its own data."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from gptstore.jobs.workers import WorkerInfo
from gptstore.jobs.workers import shared_model as find_shared_model


def site(request: HttpRequest) -> dict[str, Any]:
    """Return `shared_model`: the worker whose model answers, or None. It is queried once a page, when it is used."""

    @cache
    def shared_model() -> WorkerInfo | None:
        return find_shared_model()

    return {"shared_model": shared_model}
