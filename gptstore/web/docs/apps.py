from django.apps import AppConfig


class DocsConfig(AppConfig):
    name = "gptstore.web.docs"

    def render(self) -> None:
        """Render the documentation now, so that no reader waits for it."""
        from gptstore.web.docs.library import library  # Django has to be set up

        library()
