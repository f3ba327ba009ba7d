"""Sets the Content Security Policy of each page."""

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

ADMIN_NEEDS = {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
"""The additions for the admin, whose scripts (Alpine.js) evaluate expressions. It shows no model output as HTML."""


class ContentPolicyMiddleware(CSPMiddleware):
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
