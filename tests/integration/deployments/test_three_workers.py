"""Releases on three workers at once, with PostgreSQL when all tests run: what is wanted is what is served."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from gptstore.accounts.models import User
from gptstore.bundle_storage import storage_settings
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status, Worker
from gptstore.releases.deploy import deploy, last_good, roll_back, take_down
from gptstore.releases.models import Plugin, Release
from harness.database import database_of_tests
from harness.redis import RedisServer
from harness.rows import make_user
from harness.waiting import wait_until
from tests.integration.deployments.fleet import is_final, output_of, reports, wait_live
from tests.integration.deployments.three_workers import (
    ThreeWorkers,
    approve_at_once,
    approve_checked,
    has_begun,
    wait_everywhere,
)
from tests.integration.releases import FRUIT, HOLD, REPEAT, Bundler

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.landlock, pytest.mark.on_postgresql]

IN_FLIGHT = 200
MOVES = int(os.environ.get("GPTSTORE_RELEASE_MOVES", "12"))
"""The moves of the random walk."""

SETTINGS = {"model": "echo", "worker_concurrency": "4"}
Approved = Callable[..., Release]


@pytest.fixture
def _django_db_helper() -> None:
    """Keep pytest-django from a transaction around each test, and from emptying the tables below running workers."""


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The rows stay from test to test, as the workers do."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def three(database: None, redis_process: RedisServer) -> Iterator[ThreeWorkers]:
    redis_process.ensure()
    redis_process.client.flushall()
    with TemporaryDirectory(prefix="gptstore-three-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with ThreeWorkers(folder, redis_process.url, database_of_tests(), **SETTINGS) as three:
            update = {"var": folder, "redis_url": three.environment["GPTSTORE_REDIS_URL"]}
            env = django_settings.ENV.model_copy(update=update)
            storages = {**django_settings.STORAGES, "bundles": storage_settings(env.bundles_place)}
            with override_settings(ENV=env, STORAGES=storages):  # which has Django open the storage anew
                three.begin()
                yield three


@pytest.fixture(scope="module")
def boss(database: None) -> User:
    return make_user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def approved(three: ThreeWorkers, boss: User, bundler: Bundler) -> Approved:
    """Submit a release of `acme-NAME`, and approve it. checked: once a worker has checked it."""

    def make(name: str, version: str, code: str, *, checked: bool = False, **given: Any) -> Release:
        if checked:
            return approve_checked(bundler.write_honest(name, version, code, slug=name, **given), boss)
        return approve_at_once(bundler.write(name, version, code, slug=name, **given), boss)

    return make


def live_everywhere(release: Release, by: User) -> None:
    deploy(release, by)
    wait_live(release)
    wait_everywhere(release)


def test_an_upgrade_under_many_jobs_drops_none_and_runs_none_on_a_wrong_release(
    three: ThreeWorkers, approved: Approved, boss: User
) -> None:
    # Given a release that is live on all workers, and many jobs of it that cannot end yet
    first, second = approved("hold", "1.0", HOLD, checked=True), approved("hold", "2.0", HOLD)
    live_everywhere(first, boss)
    tool = Tool.objects.get(slug="hold")
    old = [submit(boss, tool, {}) for _ in range(IN_FLIGHT)]
    # When the next one is deployed meanwhile, and gets jobs
    live_everywhere(second, boss)
    tool.refresh_from_db()
    new = [submit(boss, tool, {}) for _ in range(IN_FLIGHT // 10)]
    assert Job.objects.filter(tool=tool, status__in=[Status.QUEUED, Status.RUNNING]).count() == len(old) + len(new)

    # Then all of them end, each on the release that it was submitted to, at the first attempt
    def have_ended() -> bool:
        three.stop_drips("acme-hold")
        return not Job.objects.filter(tool=tool, status__in=[Status.QUEUED, Status.RUNNING]).exists()

    wait_until(have_ended, lambda: f"all jobs to end: {reports()}", 240)
    ends = Counter(Job.objects.filter(tool=tool).values_list("release", "status", "attempt"))
    assert ends == {
        (first.key, Status.SUCCEEDED, 1): len(old),
        (second.key, Status.SUCCEEDED, 1): len(new),
    }
    for job in [*old, *new]:
        job.refresh_from_db()
        assert job.output == ("1.0" if job in old else "2.0")


def test_a_worker_that_is_killed_while_it_installs_does_not_keep_the_others_from_it(
    three: ThreeWorkers, approved: Approved, boss: User
) -> None:
    release, (disk, *_) = approved("cut", "1.0", REPEAT), three.workers
    deploy(release, boss)
    wait_until(lambda: has_begun(disk), "it to begin", every=0.001)
    three.kill(disk)
    # The others go on, and run it
    wait_live(release)
    wait_everywhere(release, len(three.workers) - 1)
    assert output_of(submit(boss, Tool.objects.get(slug="cut"), {})) == "1.0"
    # And so does the one that was killed, from what it finds on its disk
    three.start_again(disk)
    wait_everywhere(release)
    wait_until(lambda: not has_begun(disk), "the rest to be swept")


def test_two_plugins_have_each_their_own_version_of_a_library(
    three: ThreeWorkers, approved: Approved, boss: User
) -> None:
    for version in ("1.0", "2.0"):
        name = f"fruit{version[0]}"
        live_everywhere(approved(name, "1.0", FRUIT, needs=[f"fruit=={version}"]), boss)
    for slug, version in (("fruit1", "1.0"), ("fruit2", "2.0")):
        assert output_of(submit(boss, Tool.objects.get(slug=slug), {})) == version


@pytest.mark.timeout(300 + MOVES * 20)
def test_a_walk_of_moves_always_serves_what_is_wanted(three: ThreeWorkers, approved: Approved, boss: User) -> None:
    releases = [approved("walk", f"{number}.0", REPEAT) for number in (1, 2, 3)]
    plugin, random = releases[0].plugin, Random(20)
    live_everywhere(releases[0], boss)
    made: Counter[str] = Counter()
    for number in range(MOVES):
        name = move(plugin, releases, random, boss)
        made[name] += 1
        check_served(plugin, boss, f"{name}, move {number}")
    print("moves:", dict(made))
    assert all(worker.popen.poll() is None for worker in three.workers.values())
    assert Worker.objects.count() == len(three.workers)


def move(plugin: Plugin, releases: list[Release], random: Random, boss: User) -> str:
    """Make one move, of those that are possible now, and wait until what it wants is live. Return its name."""
    plugin.refresh_from_db()
    names = ["up", "up", "down"] if plugin.live else ["up"]
    names += ["roll back"] * 2 if last_good(plugin) else []
    name = random.choice(names)
    if name == "up":
        release = random.choice(releases)
        deploy(release, boss)
        during(plugin, boss)
        wait_live(release)
    elif name == "down":
        take_down(plugin, boss)
    else:
        roll_back(plugin, boss)
    return name


def during(plugin: Plugin, boss: User) -> None:
    """Submit a job while workers install something: it runs on what is live at that time."""
    tool = Tool.objects.get(slug="walk")
    if tool.installed:
        check_job(submit(boss, tool, {}))


def check_served(plugin: Plugin, boss: User, after: str) -> None:
    """Run the tool, which is the wanted release's, or gone when none is wanted."""
    plugin.refresh_from_db()
    tool = Tool.objects.get(slug="walk")
    assert tool.installed == (plugin.live is not None), after
    if plugin.live is not None:
        assert tool.release == plugin.live.key, after
        job = submit(boss, tool, {})
        check_job(job)
        assert job.release == plugin.live.key, after


def check_job(job: Job) -> None:
    """Wait for the end of a run, which says the version of the release that it was submitted to."""
    wait_until(lambda: is_final(job), lambda: f"the end of a run of {job.release}: {reports()}", 120)
    assert (job.status, job.attempt) == (Status.SUCCEEDED, 1), (job.release, job.error_message, reports())
    assert job.output == job.release.removeprefix("acme-walk-").partition("@")[0]
