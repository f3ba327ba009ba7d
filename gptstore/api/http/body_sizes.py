"""Says how many bytes a request for a tool may have: as many as its input takes, for those to whom it is open."""

from io import BytesIO

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, close_old_connections

from gptstore.accounts.models import User
from gptstore.api.http.bearer import authenticate_bearer
from gptstore.api.http.session import user_of_session
from gptstore.catalog import sizes
from gptstore.server.body_limit import Scope, own_path


async def max_body_bytes(scope: Scope, usual: int) -> int:
    """Return the usual number, or as many as the tool needs that the request is for, if it is open to the caller."""
    slug = sizes.tool_of(own_path(scope))
    return await sync_to_async(bytes_for)(slug, ASGIRequest(scope, BytesIO()), usual) if slug else usual


def bytes_for(slug: str, request: ASGIRequest, usual: int) -> int:
    close_old_connections()
    try:
        return sizes.max_body_bytes(slug, caller(request), usual)
    except DatabaseError:
        return usual
    finally:
        close_old_connections()  # no request ends here, and a connection would stay out of the pool


def caller(request: ASGIRequest) -> User | AnonymousUser:
    """Return whose key came with the head of a request, or else whose session."""
    if request.headers.get("Authorization"):
        return authenticate_bearer(request) or AnonymousUser()
    return user_of_session(request)
