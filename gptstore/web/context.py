"""Gives every page what it knows besides its own data."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from gptstore.jobs.workers import WorkerInfo
from gptstore.jobs.workers import shared_model as find_shared_model


def site(request: HttpRequest) -> dict[str, Any]:
    """`shared_model`: the worker whose model answers, or None. Asked of the database once a page, when it is used."""

    @cache
    def shared_model() -> WorkerInfo | None:
        return find_shared_model()

    return {"shared_model": shared_model}
