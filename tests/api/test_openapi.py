"""The OpenAPI document: sound in itself, and true."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from ninja import NinjaAPI
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gptstore.catalog.models import Tool
from gptstore.jobs.workers import WorkerInfo, beat
from tests.api.acting_worker import ActingWorker

Document = dict[str, Any]
PROBLEM = "application/problem+json"


@pytest.fixture
def document(guest: Client, db: None) -> Document:
    answer = guest.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_it_is_made_once(guest: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = guest.get("/api/v1/openapi.json")

    monkeypatch.setattr(NinjaAPI, "get_openapi_schema", None)  # which makes it

    assert guest.get("/api/v1/openapi.json").content == first.content


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def check(document: Document, path: str, method: str, answer: Any) -> None:
    """That the document foresees this answer."""
    foreseen = document["paths"][path][method]["responses"][str(answer.status_code)]
    optional = {"Preference-Applied", "Idempotency-Replayed", "Link"}
    assert set(foreseen.get("headers", {})) - optional <= set(answer.headers)
    media_type = answer["Content-Type"].split(";")[0]
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    schema = {"$ref": "urn:document" + reference(foreseen["content"][media_type]["schema"])}
    registry = Registry().with_resource("urn:document", resource)
    closed = Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
    closed.validate(answer.json())


def reference(schema: Document) -> str:
    assert set(schema) == {"$ref"}, f"not a named schema: {schema}"
    return schema["$ref"]


def test_every_operation_is_there(document: Document) -> None:
    assert {(path, method) for path, method, _ in operations(document)} == {
        ("/api/v1/tools", "get"),
        ("/api/v1/tools/{slug}", "get"),
        ("/api/v1/tools/{slug}/jobs", "post"),
        ("/api/v1/releases", "post"),
        ("/api/v1/releases/{release_id}", "get"),
        ("/api/v1/tools/{slug}@{version}", "get"),
        ("/api/v1/tools/{slug}@{version}/jobs", "post"),
        ("/api/v1/jobs", "get"),
        ("/api/v1/jobs/{job_id}", "get"),
        ("/api/v1/jobs/{job_id}/cancel", "post"),
        ("/api/v1/jobs/{job_id}/events", "get"),
        ("/api/v1/jobs/{job_id}/output", "get"),
        ("/api/v1/model", "get"),
    }


def test_it_is_sound_in_itself(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for target in set(references(document)):
        assert target.startswith("#/")
        found = document
        for step in target[2:].split("/"):
            found = found[step]
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def test_every_error_is_described_as_a_problem(document: Document) -> None:
    for _path, _method, operation in operations(document):
        errors = {status: found for status, found in operation["responses"].items() if int(status) >= 400}
        assert {"500", "503"} <= errors.keys()
        for error in errors.values():
            assert error["content"] == {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}


def test_what_needs_a_key_says_so(document: Document) -> None:
    for path, _method, operation in operations(document):
        private = "/jobs" in path or "/releases" in path
        assert bool(operation.get("security")) == private
        assert ("401" in operation["responses"]) == private
    schemes = document["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"http", "apiKey"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server")
def test_it_is_true(document: Document, api: Client, guest: Client, shout: Tool, worker: ActingWorker) -> None:
    beat(WorkerInfo("worker-1", "gptstore-mini", True, 5_000_000, 1024, "cpu", ["shout"]))
    run, body = "/api/v1/tools/shout/jobs", {"input": {"text": "hello"}}

    queued = api.post(run, body, "application/json")
    job = queued.json()["id"]
    worker.claim()
    running = api.get(f"/api/v1/jobs/{job}")
    worker.say("HELLO")
    worker.succeed()

    seen = [
        ("/api/v1/tools", "get", guest.get("/api/v1/tools")),
        ("/api/v1/tools", "get", guest.get("/api/v1/tools?limit=0")),
        ("/api/v1/tools/{slug}", "get", guest.get("/api/v1/tools/shout")),
        ("/api/v1/tools/{slug}", "get", guest.get("/api/v1/tools/whisper")),
        ("/api/v1/tools/{slug}/jobs", "post", queued),
        ("/api/v1/tools/{slug}/jobs", "post", api.post(run, {"input": {}}, "application/json")),
        ("/api/v1/tools/{slug}/jobs", "post", api.post(run, "{", "application/json")),
        ("/api/v1/tools/{slug}/jobs", "post", api.post(run, "{}", "text/html")),
        ("/api/v1/tools/{slug}/jobs", "post", guest.post(run, body, "application/json")),
        ("/api/v1/jobs", "get", api.get("/api/v1/jobs")),
        ("/api/v1/jobs", "get", guest.get("/api/v1/jobs")),
        ("/api/v1/jobs/{job_id}", "get", running),
        ("/api/v1/jobs/{job_id}", "get", api.get(f"/api/v1/jobs/{job}")),
        ("/api/v1/jobs/{job_id}/cancel", "post", api.post(f"/api/v1/jobs/{job}/cancel")),
        ("/api/v1/model", "get", guest.get("/api/v1/model")),
    ]

    assert [answer.status_code for _, _, answer in seen] == [
        *(200, 422, 200, 404),
        *(202, 422, 400, 415, 401),
        *(200, 401, 200, 200, 200, 200),
    ]
    for path, method, answer in seen:
        check(document, path, method, answer)
        assert_no_more_than_described(document, path, method, answer)


def assert_no_more_than_described(document: Document, path: str, method: str, answer: Any) -> None:
    """A field that the document does not know would be one that a client can't know."""
    content = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    schema = next(iter(content.values()))["schema"]
    properties = document["components"]["schemas"][reference(schema).rsplit("/", 1)[1]]["properties"]
    assert answer.json().keys() <= properties.keys()


def test_the_headers_of_a_run_are_described(document: Document) -> None:
    run = document["paths"]["/api/v1/tools/{slug}/jobs"]["post"]
    headers = {given["name"]: given for given in run["parameters"] if given["in"] == "header"}
    assert headers.keys() == {"Prefer", "Idempotency-Key", "Cancel-After"}
    for header in headers.values():
        assert header["schema"]["description"]
        assert header["schema"]["type"] == "string"
        assert not header["required"]
    assert "Idempotency-Replayed" in run["responses"]["202"]["headers"]
