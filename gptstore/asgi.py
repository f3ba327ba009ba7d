"""The web process: `uvicorn gptstore.asgi:application --http gptstore.server.protocol:BoundedProtocol`."""

import os

from django.apps import apps
from django.core.asgi import get_asgi_application

from gptstore.catalog.sizes import max_body_bytes
from gptstore.server.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

application = BodyLimit(get_asgi_application(), max_body_bytes)
apps.get_app_config("docs").render()  # type: ignore[attr-defined]
