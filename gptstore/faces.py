"""The face of the site that serves a request, pages for people or the API for programs, and the site's address."""

from django.http import HttpRequest

API = "/api/"
OPENAI_API = "/v1/"
API_DOCS = "/api/docs"

COMPLETION_TOOLS = {"/v1/completions": "writer", "/v1/chat/completions": "chat"}
"""The tools that fulfil requests to these addresses of OpenAI's API."""


def is_for_programs(request: HttpRequest) -> bool:
    """Return whether the answer is read by a program: everything below /api/ and /v1/ but one page."""
    return request.path_info.startswith((API, OPENAI_API)) and request.path_info != API_DOCS


def base_url(request: HttpRequest) -> str:
    """Return the site's address as the caller wrote it, without a slash at its end."""
    return request.build_absolute_uri("/")[:-1]
