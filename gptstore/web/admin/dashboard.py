"""The dashboard: the admin's first page, which says at a glance how the store does."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gptstore.web.admin.dashboard_figures import read_figures

SECONDS = 10
"""The time between two looks of an open page."""


def add_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the figures to the context of the admin's index, those that this member of the staff may see."""
    return {**context, **dashboard(request), "title": _("Dashboard")}


def live_dashboard(request: HttpRequest) -> HttpResponse:
    """Return the part of the dashboard that changes, to staff."""
    return render(request, "admin/dashboard/live.html", dashboard(request))


def dashboard(request: HttpRequest) -> dict[str, Any]:
    return {"figures": read_figures(request.user), "seconds": SECONDS}
