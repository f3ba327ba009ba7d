"""A real worker process with the bundled model, on the database and the Redis of the test run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.catalog import sync
from gptstore.catalog.models import Tool
from harness.database import database_of_tests
from harness.process import Process
from harness.redis import RedisServer
from harness.rows import make_user
from harness.site import Site


class Crew:
    """One worker that is there when a test needs it; a test may end it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.process: Process | None = None

    def ensure(self) -> Process:
        if self.process is None or self.process.popen.poll() is not None:
            self.process = self.site.start_worker()
        return self.process


@pytest.fixture(scope="module")
def crew(redis_process: RedisServer, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("site")
    with Site(folder, redis_process.url, database_of_tests()) as site:
        yield Crew(site)


@pytest.fixture(scope="session")
def manifests() -> dict[str, Any]:
    return sync.read_manifests()


@pytest.fixture
def installed(transactional_db: None, manifests: dict[str, Any]) -> Callable[[str], Tool]:
    """The tools of the installed plugins, by their slugs."""
    sync.store(manifests)
    return lambda slug: Tool.objects.get(slug=slug)


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_user("ada")


@pytest.fixture
def long_text() -> str:
    """About 2,000 words in plain sentences."""
    return (Path(__file__).parent / "harbour.txt").read_text() * 6
