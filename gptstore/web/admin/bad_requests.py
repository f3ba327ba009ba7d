"""Answers requests to the admin that make no sense with 400.

Django's admin hands page numbers, ids and dates of an address on to the database as they are. What is out of its range
comes back as one of these errors, at any depth.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

View = Callable[..., HttpResponseBase]
OUT_OF_RANGE = (OverflowError, ValueError, ValidationError, DataError)

django_view = admin.site.admin_view


def admin_view(view: View, cacheable: bool = False) -> View:
    """Wrap a view as Django does, for staff alone, and render its page here: filters are applied while it renders."""
    inner: View = django_view(view, cacheable)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = inner(request, *args, **kwargs)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        except OUT_OF_RANGE as error:
            raise BadRequest(f"A value of this request is out of range: {type(error).__name__}") from error

    return answer


admin.site.admin_view = admin_view  # type: ignore[method-assign, assignment]
