"""Keeps a guest's draft of an input while they sign in: the session survives it."""

import json
from typing import Any

from django.http import HttpRequest

from gptstore.catalog.models import Tool

KEY = "drafts"
MAX_BYTES = 50_000
"""The limit on a draft, since anybody can leave one in the database."""


def keep(request: HttpRequest, tool: Tool, data: dict[str, Any]) -> bool:
    """Keep an input. Return whether it is short enough."""
    is_short = len(json.dumps(data)) <= MAX_BYTES
    if is_short:
        request.session[KEY] = {tool.slug: data}
    return is_short


def find(request: HttpRequest, tool: Tool) -> dict[str, Any] | None:
    return request.session.get(KEY, {}).get(tool.slug)


def forget(request: HttpRequest, tool: Tool) -> None:
    if find(request, tool) is not None:
        del request.session[KEY]
