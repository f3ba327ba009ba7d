"""The API as a whole: its operations, its errors and its OpenAPI document."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from gptstore.api.rest import handlers, jobs, model, tools
from gptstore.api.rest.parser import StrictParser
from gptstore.api.rest.problems import MEDIA_TYPE

DESCRIPTION = """\
Browse the tools of this store and run them.

Everybody may read the catalogue. To run a tool, send `Authorization: Bearer gs_…` with an API key from your account
page. Errors are problem details (RFC 9457, `application/problem+json`).
"""


class StoreAPI(NinjaAPI):
    """Tells in the OpenAPI document what ninja has no words for: media types other than JSON, and headers."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        for path in document["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    describe_response(operation["operationId"], status, response)
        return document


def describe_response(operation_id: str, status: int, response: dict[str, Any]) -> None:
    if status >= 400:
        response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
    elif operation_id == "follow_job":
        response["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    names = {401: ["WWW-Authenticate"], 503: ["Retry-After"]}.get(status, [])
    if operation_id == "run_tool" and status in (201, 202):
        names = ["Location", "Preference-Applied", "Idempotency-Replayed"]
    if names:
        response["headers"] = {name: {"schema": {"type": "string"}} for name in names}


api = StoreAPI(
    title="gptstore",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    parser=StrictParser(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
handlers.install(api)
api.add_router("/tools", tools.router)
api.add_router("", jobs.router)
api.add_router("/model", model.router)
