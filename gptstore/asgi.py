"""The web process: `uvicorn gptstore.asgi:application`."""

import os

from django.apps import apps
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

application = get_asgi_application()
apps.get_app_config("docs").render()  # type: ignore[attr-defined]
