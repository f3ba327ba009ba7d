"""The addresses of django-allauth. Those that are about mail are there only where a mail server is set."""

from allauth.account.urls import urlpatterns as allauth_patterns
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from gptstore.web.account.mail import needs_mail

MAIL_PREFIXES = ("email/", "confirm-email/", "password/reset/")


def where_it_works(pattern: URLPattern) -> URLPattern:
    if not str(pattern.pattern).removeprefix("^").startswith(MAIL_PREFIXES):
        return pattern
    return URLPattern(pattern.pattern, needs_mail(pattern.callback), pattern.default_args, pattern.name)


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="accounts:home")),
    *map(where_it_works, allauth_patterns),
]
