"""Says who may send bundles, which are larger than any other body: people and keys that may submit releases."""

from io import BytesIO

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, close_old_connections

from gptstore.accounts.models import User
from gptstore.api.http.bearer import read_key
from gptstore.api.http.session import user_of_session
from gptstore.releases import authors
from gptstore.server.body_limit import Scope, own_path

PATHS = ("/plugins/", "/api/v1/releases")
BYTES_AROUND = 65_536
"""Bytes for the frame of a form around a file."""


async def max_upload_bytes(scope: Scope) -> int:
    """Return how many bytes this request may have with a file; 0 where it is none of a bundle, or nobody's."""
    if scope["method"] != "POST" or own_path(scope) not in PATHS:
        return 0
    may = await sync_to_async(may_submit)(ASGIRequest(scope, BytesIO()))
    return settings.ENV.max_bundle_bytes + BYTES_AROUND if may else 0


def may_submit(request: ASGIRequest) -> bool:
    """Return whether the head of a request is of somebody who may submit a release."""
    close_old_connections()
    try:
        if request.headers.get("Authorization"):
            key = read_key(request)
            return key is not None and key.submits and authors.may_submit(key.owner)
        user = user_of_session(request)
        return isinstance(user, User) and authors.may_submit(user)
    except DatabaseError:
        return False
    finally:
        close_old_connections()  # no request ends here, and a connection would stay out of the pool
