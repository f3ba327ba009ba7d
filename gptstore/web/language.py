"""Which language an answer is in."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from gptstore.faces import is_for_programs


class LanguageMiddleware(LocaleMiddleware):
    """Pages speak the reader's language: the one chosen in the footer, else what the browser asks for.

    The API always speaks the site's first language, so that what programs log and compare stays the same for everyone.
    """

    def process_request(self, request: HttpRequest) -> None:
        if is_for_programs(request):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)
