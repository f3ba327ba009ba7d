"""Pages about the site itself, and the pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _


def model(request: HttpRequest) -> HttpResponse:
    """Which model answers, and how an operator chooses another."""
    return render(request, "web/model.html")


def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("web/img/logo.svg"))


def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        "User-agent: *\nDisallow: /runs/\nDisallow: /account\nDisallow: /admin/\n", content_type="text/plain"
    )


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


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the database or the session: they may be what failed."""
    return render(None, "web/server_error.html", status=500)


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "web/error.html", {"status": status, "title": title, "text": text}, status=status)
