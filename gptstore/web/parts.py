"""Requests of htmx and of run.js for the part of a page that changes."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
