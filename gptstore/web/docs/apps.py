from contextvars import copy_context

from django.apps import AppConfig


class DocsConfig(AppConfig):
    name = "gptstore.web.docs"

    def render(self) -> None:
        """Render the documentation now, so that no reader waits for it.

        It has a context of its own, which is dropped: `reverse` leaves a context variable for each URL resolver,
        and asgiref carries every variable of the starting context in and out of every thread of every request.
        """
        from gptstore.web.docs.library import library  # Django has to be set up

        copy_context().run(library)
