"""The web process: `uvicorn gptstore.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

application = get_asgi_application()

from gptstore.web.docs.library import library  # noqa: E402 - its Django has to be set up

library()  # renders the documentation now, so that no reader waits for it
