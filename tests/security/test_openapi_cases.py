"""Requests made from the OpenAPI document, fitting and unfitting ones: the document describes each answer."""

import os
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gptstore.api.rest.site import api
from tests.security.callers import Caller, undone
from tests.security.routes import Belongings

ASKED = os.environ.get("GPTSTORE_API_CASES")
CASES = int(ASKED or 2100)
FEW = {("get", "/api/v1/model"): 20}
"""The operations that have fewer different requests than their share."""
EVENTS = "text/event-stream"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [(method, path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods]
NO_CHANCE = {("post", "/api/v1/releases")}
"""What no made-up request can do: its bytes are no bundle."""

CALLERS = ["own key", "own key", "own key", "another's key", "own session", "a wrong key", "no key"]


def share(operation: tuple[str, str]) -> int:
    """Return how many requests an operation gets, so that all get CASES together."""
    return FEW.get(operation, -((sum(FEW.values()) - CASES) // (len(OPERATIONS) - len(FEW))))


def requests(operation: Any, belongings: Belongings) -> st.SearchStrategy[Case]:
    """Return a strategy for requests, in which one of two names what there is, with an input that fits the tool."""
    there = {
        "slug": belongings.tool.slug,
        "version": belongings.tool.version,
        "job_id": str(belongings.job.id),
        "release_id": belongings.release.pk,
    }

    def aimed(case: Case) -> Case:
        case.path_parameters = {name: there[name] for name in case.path_parameters}
        if isinstance(case.body, dict) and "input" in case.body:
            case.body = {**case.body, "input": {"text": "hello"}}
        return case

    made = st.one_of(operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
    if not operation.path_parameters:
        return made
    return st.one_of(made, made.map(aimed))


@pytest.fixture
def one_connection(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request close the connection in whose transaction the test runs."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.mark.slow
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_every_answer_is_one_that_the_document_describes(
    operation: tuple[str, str], programs: dict[str, Caller], belongings: Belongings
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    method, path = operation
    statuses: list[int] = []

    @settings(
        max_examples=share(operation),
        derandomize=not ASKED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests(schema[path][method], belongings), role=st.sampled_from(CALLERS))
    def check(case: Case, role: str) -> None:
        caller = programs[role]
        cookies = {name: morsel.value for name, morsel in caller.cookies.items()}
        with undone():
            response = case.call(headers=caller.headers, cookies=cookies)
        statuses.append(response.status_code)
        # The document's schema of events is that of the whole text; schemathesis holds it against each event.
        is_stream = response.headers["content-type"] == [EVENTS]
        case.validate_response(response, checks=CHECKS, excluded_checks=[response_schema_conformance] * is_stream)

    check()

    assert len(statuses) >= share(operation) or operation in FEW
    assert any(status < 300 for status in statuses) or operation in NO_CHANCE
