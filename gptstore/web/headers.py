"""Sets the headers that tell a browser what a page may do, on every response: pages, files, the API and errors."""

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

from gptstore.server.middleware import OnLoop

ADMIN_NEEDS = {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
"""The additions for the admin, whose scripts (Alpine.js) evaluate expressions. It shows no model output as HTML."""

UNUSED_FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen"),
    *("geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi"),
    *("payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
"""What browsers can do and no page here needs, as far as Chromium knows the name, which warns of others. Answers are
copied, so that the clipboard is not in it."""

FIXED = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HeadersMiddleware(OnLoop, CSPMiddleware):
    """Adds the Content-Security-Policy, which depends on the page, and the headers that do not."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if is_admin(request):
            parts.update = {**(parts.update or {}), **ADMIN_NEEDS}
        return parts


def is_admin(request: HttpRequest) -> bool:
    match: Any = request.resolver_match
    return match is not None and match.app_name == "admin"
