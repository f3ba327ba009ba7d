"""People with keys, a tool, and a worker that does what the test says."""

from typing import Any

import pytest
from django.test import AsyncClient, Client

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.catalog.models import Category, Tool
from gptstore.jobs.estimate.wait_estimate import estimator
from harness.rows import make_tool, make_user
from tests.api.acting_worker import ActingWorker

SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "title": "Text", "minLength": 1, "maxLength": 1000},
        "times": {"type": "integer", "title": "Times", "minimum": 1, "maximum": 9, "default": 1},
    },
    "required": ["text"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    """What was seen in an earlier test is no news."""
    estimator.forget()


@pytest.fixture
def owner(db: None) -> User:
    return make_user("ada")


@pytest.fixture
def other(db: None) -> User:
    return make_user("bob")


@pytest.fixture
def secret(owner: User) -> str:
    return create_key(owner, "tests")[1]


@pytest.fixture
def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def guest() -> Client:
    return Client()


@pytest.fixture
def api(bearer: dict[str, str]) -> Client:
    return Client(headers=bearer)


class AsyncClientWithKey(AsyncClient):
    """Django's AsyncClient loses headers that are given to its constructor."""

    def __init__(self, bearer: dict[str, str]) -> None:
        self.bearer = bearer
        super().__init__()

    def generic(self, *args: Any, headers: dict[str, str] | None = None, **extra: Any) -> Any:
        return super().generic(*args, headers={**self.bearer, **(headers or {})}, **extra)


@pytest.fixture
def async_api(bearer: dict[str, str]) -> AsyncClient:
    return AsyncClientWithKey(bearer)


@pytest.fixture
def api_of_other(other: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {create_key(other, 'tests')[1]}"})


@pytest.fixture
def writing(db: None) -> Category:
    return Category.objects.create(slug="writing", title="Writing", position=10)


@pytest.fixture
def shout(writing: Category) -> Tool:
    return make_tool(
        "shout",
        description="Every letter becomes a capital letter.",
        tags=["loud", "été"],
        input_schema=SCHEMA,
        examples=[{"title": "Hello", "input": {"text": "hello"}}],
        author="Ada",
    )


@pytest.fixture
def worker() -> ActingWorker:
    return ActingWorker()
