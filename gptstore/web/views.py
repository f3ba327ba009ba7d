"""Pages about the site itself, and the error pages."""

import sys
from typing import NoReturn

from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gptstore.outage import AWAY, RETRY_SECONDS
from gptstore.web.open_models import OPEN_MODELS


@require_safe
def model(request: HttpRequest) -> HttpResponse:
    """Show anybody which model answers, and how an operator chooses another."""
    return render(request, "web/model.html", {"models": OPEN_MODELS})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead anybody to the site's icon."""
    return redirect(static("web/img/logo.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell any crawler what is not for it."""
    closed = "".join(f"Disallow: /{path}\n" for path in ("runs/", "account", "plugins/", "admin/"))
    return HttpResponse(f"User-agent: *\n{closed}", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(
        request, 400, _("That request made no sense"), _("Go back, check what you entered and try again.")
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403, _("This is not yours to see"), _("Sign in with an account that may see it."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _(
        "This form was open for too long, or cookies are blocked, so we could not tell that it was you who sent it. "
        "Go back, reload the page and send it again."
    )
    return error_page(request, 403, _("Please send that again"), text)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("There is nothing at this address, or it belongs to someone else.")
    return error_page(request, 404, _("Nothing here"), text)


def nothing_here(request: HttpRequest, **address: str) -> NoReturn:
    """Answer as where no page is. Anyone may call it."""
    raise Http404


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without the database or the session: they may be the cause."""
    if isinstance(sys.exception(), AWAY):
        return unavailable(request)
    return render(None, "web/server_error.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer while the database is away: the same address will work again soon, a form has to be sent anew."""
    again = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    response = render(None, "web/unavailable.html", {"again": again}, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Return the page of an error, and give back what it took from the database.

    Under ASGI Django asks for it in a thread that no request ends in: the connection would stay out of the pool.
    """
    response = render(request, "web/error.html", {"status": status, "title": title, "text": text}, status=status)
    if isinstance(request, ASGIRequest):
        close_old_connections()
    return response
