"""Serves the icons of tools as pictures, never as a part of a page: what is in one can do nothing there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from gptstore.catalog.models import Tool, ToolIcon
from gptstore.sdk.icon import SVG

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""For one that is opened by itself. Styles are those of its shapes."""

_YEAR = "public, max-age=31536000, immutable"


@require_safe
def icon(request: HttpRequest, slug: str) -> HttpResponse:
    """Serve a listed tool's icon. `?v=` is its hash: then it is kept for a year. Anybody may call it."""
    tool = get_object_or_404(Tool.objects.listed(), slug=slug)
    found = get_object_or_404(ToolIcon, tool=tool)
    is_current = request.GET.get("v") == tool.icon_hash
    headers = {
        "Cache-Control": _YEAR if is_current else "no-cache",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        bytes(found.data),
        content_type=f"{found.kind}; charset=utf-8" if found.kind == SVG else found.kind,
        headers=headers,
    )
