"""Keeps a guest's draft of an input while they sign in: the session survives it."""

from typing import Any

from django.http import HttpRequest

from gptstore.catalog.models import Tool

KEY = "drafts"


def keep(request: HttpRequest, tool: Tool, data: dict[str, Any]) -> None:
    request.session[KEY] = {tool.slug: data}


def find(request: HttpRequest, tool: Tool) -> dict[str, Any] | None:
    return request.session.get(KEY, {}).get(tool.slug)


def forget(request: HttpRequest, tool: Tool) -> None:
    if find(request, tool) is not None:
        del request.session[KEY]
