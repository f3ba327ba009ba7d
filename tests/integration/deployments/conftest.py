"""A store with a running worker, which the tests of this folder share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.bundle_storage import storage_settings
from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Job, Worker
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.database import database_of_tests
from harness.redis import RedisServer
from harness.rows import make_user
from harness.waiting import wait_until
from tests.integration.deployments.fleet import Fleet, is_final, reports
from tests.integration.releases import SAY, Bundler
from tests.worker.hosts.releases.wheels import make_sdk

Approved = Callable[..., Release]
Run = Callable[..., Job]


@pytest.fixture(scope="package")
def site(redis_process: RedisServer, django_db_setup: None) -> Iterator[Fleet]:
    with TemporaryDirectory(prefix="gptstore-fleet-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Fleet(folder, redis_process.url, database_of_tests(), model="echo", canary_runs="5") as site:
            site.restart()
            yield site


@pytest.fixture(scope="package")
def bundler(tmp_path_factory: pytest.TempPathFactory) -> Bundler:
    folder = tmp_path_factory.mktemp("bundles")
    return Bundler(folder, make_sdk(folder))


@pytest.fixture
def fleet(site: Fleet, redis_server: RedisServer, transactional_db: None, settings: Any) -> Fleet:
    """The running worker's store, with its folders."""
    env = settings.ENV.model_copy(update={"var": site.folder, "redis_url": site.environment["GPTSTORE_REDIS_URL"]})
    settings.ENV = env
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(env.bundles_place)}
    if site.worker.popen.poll() is not None:
        site.restart()
    wait_until(Worker.objects.exists, "the worker to be known")
    return site


@pytest.fixture
def boss(transactional_db: None) -> User:
    return make_user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def approved(fleet: Fleet, owner: User, boss: User, bundler: Bundler) -> Approved:
    """Submit a release of `acme-NAME`, and approve it."""

    def make(name: str, version: str, code: str = SAY, **given: Any) -> Release:
        release = submit(bundler.write(name, version, code, slug=name, **given), owner)
        Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
        return approve(release, boss)

    return make


@pytest.fixture
def start(fleet: Fleet, owner: User) -> Run:
    """Submit a job, and wait until it has said something."""

    def begin(slug: str) -> Job:
        job = submit_job(owner, Tool.objects.get(slug=slug), {})
        wait_until(lambda: read_output_so_far(job).text or is_final(job), lambda: f"its first text; {reports()}")
        return job

    return begin
