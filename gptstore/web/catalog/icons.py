"""Serves the icons of tools as pictures, never as a part of a page: what is in one can do nothing there."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from gptstore.catalog.models import Tool, ToolIcon
from gptstore.sdk.icon import SVG

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""For one that is opened by itself. Styles are those of its shapes."""

_YEAR = "max-age=31536000, immutable"


@require_safe
def icon(request: HttpRequest, slug: str) -> HttpResponse:
    """Serve a tool's icon to those to whom the tool is open. `?v=` is its hash: then it is kept for a year.

    A shared cache may keep it only where it is for everybody: of no other tool the session is read.
    """
    of_everybody = Tool.objects.open_to(AnonymousUser()).filter(slug=slug).first()
    tool = of_everybody or get_object_or_404(Tool.objects.open_to(request.user), slug=slug)
    found = get_object_or_404(ToolIcon, tool=tool)
    shared = "public" if of_everybody else "private"
    is_current = request.GET.get("v") == tool.icon_hash
    headers = {
        "Cache-Control": f"{shared}, {_YEAR}" if is_current else "no-cache",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        bytes(found.data),
        content_type=f"{found.kind}; charset=utf-8" if found.kind == SVG else found.kind,
        headers=headers,
    )
