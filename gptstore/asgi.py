"""The web process: `uvicorn gptstore.asgi:application --http gptstore.server.protocol:BoundedProtocol`."""

import os

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

django.setup(set_prefix=False)

from gptstore.server.body_limit import BodyLimit  # noqa: E402 - models are imported after the setup
from gptstore.server.middleware import WebHandler  # noqa: E402

application = BodyLimit(
    WebHandler(),
    apps.get_app_config("api").max_body_bytes,  # type: ignore[attr-defined]
    apps.get_app_config("api").max_upload_bytes,  # type: ignore[attr-defined]
)
apps.get_app_config("docs").render()  # type: ignore[attr-defined]
