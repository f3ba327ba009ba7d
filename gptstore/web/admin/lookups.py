"""Checks what a list in the admin is asked to filter by, beyond what Django checks."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest


class CheckedLookups:
    """A model admin whose list takes values that no database or calendar has as Django takes a number that is none."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        if any("\0" in value for values in request.GET.lists() for value in values[1]):
            raise IncorrectLookupParameters
        try:
            changelist: Any = super().get_changelist_instance(request)  # type: ignore[misc]
        except OverflowError:  # a year, a month or a day
            raise IncorrectLookupParameters from None
        return changelist
