"""The web process: `uvicorn gptstore.asgi:application --http gptstore.server.protocol:BoundedProtocol`."""

import os

from django.apps import apps
from django.core.asgi import get_asgi_application

from gptstore.server.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

django = get_asgi_application()
application = BodyLimit(
    django,
    apps.get_app_config("api").max_body_bytes,  # type: ignore[attr-defined]
    apps.get_app_config("api").max_upload_bytes,  # type: ignore[attr-defined]
)
apps.get_app_config("docs").render()  # type: ignore[attr-defined]
