"""Chooses the language of a response."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from gptstore.faces import is_for_programs
from gptstore.server.middleware import OnLoop


class LanguageMiddleware(OnLoop, LocaleMiddleware):
    """Serves pages in the reader's language: the one chosen in the footer, else the browser's.

    The API always uses the site's first language, so that texts that programs log and compare never vary.
    """

    def process_request(self, request: HttpRequest) -> None:
        if is_for_programs(request):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)
