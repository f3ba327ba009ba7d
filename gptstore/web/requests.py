"""Types of requests in views, with what middleware has added."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """A request of a browser. `htmx` is true when htmx or run.js requests the part of a page that changes."""

    htmx: HtmxDetails
