"""The API as a whole: its operations, its errors, its OpenAPI document, and the page on which people read it."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from gptstore.api.rest import handlers, jobs, model, releases, tools
from gptstore.api.rest.errors import MEDIA_TYPE
from gptstore.api.rest.http import headers
from gptstore.api.rest.parser import StrictParser

DESCRIPTION = """\
Browse the tools of this store and run them.

Everybody may read the catalogue; an API key shows the tools for its owner, too. To run a tool, send
`Authorization: Bearer gs_…` with an API key from your account page. Errors are problem details
(RFC 9457, `application/problem+json`).
"""


PROBLEM_HEADERS = {401: headers("WWW-Authenticate"), 429: headers("Retry-After"), 503: headers("Retry-After")}


class StoreAPI(NinjaAPI):
    """Describes errors in the OpenAPI document as problem details, which ninja has no words for.

    The parts that one operation alone has, such as headers or another media type, stand in its `openapi_extra`.
    """

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        return self._document

    @cached_property
    def _document(self) -> OpenAPISchema:
        """Make the document, once: it takes longer than any other answer, and anybody may ask for it."""
        document = super().get_openapi_schema()
        guide = reverse("docs:page", args=["api"])
        document["externalDocs"] = {"description": "The guide, with examples", "url": guide}
        for path in document["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if status >= 400:
                        response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
                        response.update(PROBLEM_HEADERS.get(status, {}))
        return document


api = StoreAPI(
    title="gptstore",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    docs_decorator=require_safe,
    parser=StrictParser(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
handlers.install(api)
api.add_router("/tools", tools.router)
api.add_router("", jobs.router)
api.add_router("/model", model.router)
api.add_router("/releases", releases.router)


@require_safe
@ensure_csrf_cookie
def docs(request: HttpRequest) -> HttpResponse:
    """Show the documentation, to everybody. It tries operations with the browser's session or an API key."""
    return render(request, "api/docs.html", {"openapi_url": reverse("api:openapi-json")})
