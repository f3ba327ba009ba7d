"""The web process: `uvicorn gptstore.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

application = get_asgi_application()
