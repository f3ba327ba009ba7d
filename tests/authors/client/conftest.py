"""A store that answers over HTTP, whose worker does what the test says, and the command logged in to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from harness.database import database_of_tests
from harness.redis import RedisServer
from harness.rows import make_tool, make_user
from harness.site import Site
from tests.api.acting_worker import ActingWorker
from tests.authors.client.command import Gptstore
from tests.authors.client.cutting_proxy import CuttingProxy, cutting_proxy

SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "title": "Text", "minLength": 1, "maxLength": 1000, "x-widget": "longtext"},
        "times": {"type": "integer", "title": "Times", "minimum": 1, "maximum": 9, "default": 1},
        "mood": {"type": "string", "title": "Mood", "enum": ["calm", "wild"], "default": "calm"},
    },
    "required": ["text"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def site(redis_process: RedisServer, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The web process, on the database and the Redis of the test run."""
    folder = tmp_path_factory.mktemp("site")
    with Site(folder, redis_process.url, database_of_tests()) as site:
        site.start_web()
        yield site


@pytest.fixture
def person(transactional_db: None, redis_server: RedisServer) -> User:
    return make_user("ada")


@pytest.fixture
def key(person: User) -> str:
    return create_key(person, "tests")[1]


@pytest.fixture
def shout(transactional_db: None) -> Tool:
    return make_tool("shout", input_schema=SCHEMA)


@pytest.fixture
def worker() -> ActingWorker:
    return ActingWorker()


@pytest.fixture
def proxy(site: Site) -> Iterator[CuttingProxy]:
    with cutting_proxy(site.port) as proxy:
        yield proxy


@pytest.fixture
def gptstore(site: Site, key: str, tmp_path: Path) -> Gptstore:
    """The command with a key for the store in its environment."""
    return Gptstore(tmp_path, {"GPTSTORE_SERVER": site.url, "GPTSTORE_API_KEY": key})
