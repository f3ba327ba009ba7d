"""A store without any network: an export is brought in, and a worker in a namespace without a route runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import connection

from gptstore.accounts.models import User
from gptstore.bundle_storage import storage_settings
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Status
from gptstore.releases.deploy import deploy
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.database import database_of_tests
from harness.process import Process
from harness.redis import RedisServer
from harness.rows import make_user
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.deployments.fleet import is_final, reports, wait_live
from tests.integration.releases import REPEAT, Bundler
from tests.releases.other_store import call, go_to_another_store, key_of
from tests.worker.hosts.releases.wheels import make_sdk

ALONE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
CAN_BE_ALONE = subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.landlock,
    pytest.mark.skipif(not CAN_BE_ALONE, reason="no network namespaces here"),
]


class Island(Site):
    """A store whose worker has no network at all: its database and its Redis are files."""

    def start_worker(self, seconds: float = 240.0) -> Process:
        log = self.folder / "worker.log"
        command = [*ALONE, sys.executable, "-m", "worker"]
        return self.start(command, log.name, lambda: log.exists() and "worker_ready" in log.read_text(), seconds)


@pytest.fixture
def boss(transactional_db: None) -> User:
    return make_user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def island(redis_server: RedisServer, transactional_db: None) -> Iterator[Island]:
    if connection.vendor != "sqlite":
        pytest.skip("the database of this run is reached over the network")
    with TemporaryDirectory(prefix="gptstore-island-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        places = {"bundles": str(folder / "bundles"), "trusted_keys": str(folder / "trusted")}
        with Island(folder, redis_server.url, database_of_tests(), model="echo", **places) as site:
            yield site


def test_a_store_on_an_island(island: Island, owner: User, boss: User, tmp_path: Path, settings: Any) -> None:
    # Given a store with a live release, its own dependency in it, and the export of that store
    env = {"var": tmp_path, "bundles": str(tmp_path / "bundles"), "signing_key": tmp_path / "store.key"}
    settings.ENV = settings.ENV.model_copy(update={**env, "redis_url": island.environment["GPTSTORE_REDIS_URL"]})
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(str(tmp_path / "bundles"))}
    bundle = Bundler(tmp_path, make_sdk(tmp_path)).write(
        "isle", "1.0", REPEAT, slug="isle", needs=["melon"], imports="import melon"
    )
    release = submit(bundle, owner)
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
    release = approve(release, boss)
    deploy(release, boss)
    call("export_store", "--to", tmp_path / "acme.gptstore")
    # When it is imported where nothing of it is, and a worker starts without any network
    eve = go_to_another_store(island.folder, settings, trusting=[key_of(release)])
    call("import_store", tmp_path / "acme.gptstore", "--by", "eve")
    worker = island.start_worker()
    routes = Path(f"/proc/{worker.popen.pid}/net/route").read_text().splitlines()
    assert [line for line in routes[1:] if line.strip()] == [], "the worker has a route"
    # Then the release is installed and live, and a run of it ends as it should
    wait_live(Release.objects.get())
    job = submit_job(eve, Tool.objects.get(slug="isle"), {})
    wait_until(lambda: is_final(job), lambda: f"the job's end: {reports()}")
    assert (job.status, job.output, job.release) == (Status.SUCCEEDED, "1.0", Release.objects.get().key)
