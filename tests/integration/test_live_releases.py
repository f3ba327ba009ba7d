"""`gptstore install`, `upgrade` and `uninstall` change what a running worker runs, and no job of it is lost."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status, Worker
from harness.database import database_of_tests
from harness.process import Process
from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.releases import DRIP, Bundler, gptstore, start_gptstore
from tests.worker.hosts.releases.wheels import make_sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


class LiveSite(Site):
    """A store whose one worker runs through all tests of this module."""

    worker: Process

    @property
    def releases(self) -> Path:
        return self.folder / "releases"

    @property
    def environments(self) -> set[str]:
        """The environments that somebody holds."""
        held = set()
        for one in Path(f"/proc/{self.worker.popen.pid}/fd").iterdir():
            try:
                path = one.resolve()
            except OSError:
                continue
            if path.parent == self.folder / "environments":
                held.add(path.name.rpartition("-")[0])
        return held

    def versions(self, plugin: str) -> list[str]:
        return [path.name for path in self.releases.glob(f"{plugin}-*")]

    def stop_drips(self, plugin: str) -> None:
        """Let the tool `drip` of a plugin come to its end, in every run that there is."""
        for scratch in Path(gettempdir()).glob(f"gptstore-sandbox-{plugin}-*/*"):
            (scratch / "stop").touch()


@pytest.fixture(scope="module")
def live(redis_process: RedisServer, django_db_setup: None) -> Iterator[LiveSite]:
    with TemporaryDirectory(prefix="gptstore-live-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "releases").mkdir()
        with LiveSite(
            folder, redis_process.url, database_of_tests(), releases=str(folder / "releases"), model="echo"
        ) as site:
            site.worker = site.start_worker()
            yield site


@pytest.fixture(scope="module")
def bundler(tmp_path_factory: pytest.TempPathFactory) -> Bundler:
    folder = tmp_path_factory.mktemp("bundles")
    return Bundler(folder, make_sdk(folder))


@pytest.fixture
def worker(live: LiveSite, redis_server: RedisServer, transactional_db: None) -> LiveSite:
    wait_until(Worker.objects.exists, "the worker to be known")
    return live


Run = Callable[[str], Job]


@pytest.fixture
def start(worker: LiveSite, owner: User) -> Run:
    """Submits a job, and waits until it has said something."""

    def begin(slug: str) -> Job:
        job = submit(owner, Tool.objects.get(slug=slug), {})
        wait_until(lambda: read_output_so_far(job).text or is_final(job), "its first text")
        return job

    return begin


def is_final(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_final


def output_of(job: Job) -> str:
    wait_until(lambda: is_final(job), "the job's end")
    assert (job.status, job.error_message, job.attempt) == (Status.SUCCEEDED, "", 1)
    return job.output


def test_a_release_is_installed_upgraded_and_uninstalled_while_jobs_run(
    worker: LiveSite, bundler: Bundler, start: Run
) -> None:
    # Given a worker that streams a job of one release
    done = gptstore(worker, "install", bundler.write("drip", "1.0", DRIP, slug="drip"))
    assert done.returncode == 0, done.stderr
    assert "ready on 1 worker after" in done.stderr
    old = start("drip")
    # When another one is installed
    bundle, began = bundler.write("say", "1.0"), time.monotonic()
    done = gptstore(worker, "install", bundle)
    # Then its tool runs within seconds
    assert done.returncode == 0, done.stderr
    assert output_of(start("say")) == "1.0"
    assert time.monotonic() - began < 30, "tests share their machine: this only catches a restart or a missed change"
    # When the running job's plugin is upgraded
    done = gptstore(worker, "upgrade", bundler.write("drip", "2.0", DRIP, slug="drip"))
    assert done.returncode == 0, done.stderr
    new = start("drip")
    assert worker.environments == {"acme-drip-1.0", "acme-drip-2.0", "acme-say-1.0"}
    # Then it ends with the version with which it began, and the next one has the new version
    assert not is_final(old)
    worker.stop_drips("acme-drip")
    assert output_of(old).endswith("1.0 end of 1.0") and "2.0" not in old.output
    assert output_of(new).endswith("2.0 end of 2.0") and "1.0" not in new.output
    # And the old version's host is gone, with its lock
    wait_until(lambda: worker.environments == {"acme-drip-2.0", "acme-say-1.0"}, "the old version's end", 10)
    # When it is uninstalled while a job of it runs
    last = start("drip")
    done = gptstore(worker, "uninstall", "acme-drip")
    assert (done.returncode, "retired on 1 worker after" in done.stderr) == (0, True), done.stderr
    assert "drip" not in Worker.objects.get().tools
    worker.stop_drips("acme-drip")
    # Then that job ends as it would have
    assert output_of(last).endswith("2.0 end of 2.0")
    wait_until(lambda: worker.environments == {"acme-say-1.0"}, "the host's end", 10)
    # And all of that was one worker, which loaded its model once
    assert worker.worker.text.count("model_loaded") == 1


def test_a_broken_release_is_named_and_breaks_nothing(worker: LiveSite, bundler: Bundler, start: Run) -> None:
    # Given a release that works, and a job of it
    assert gptstore(worker, "install", bundler.write("drop", "1.0", DRIP, slug="drop", needs=["melon"])).returncode == 0
    job = start("drop")
    # When the next version cannot be imported
    done = gptstore(
        worker,
        "upgrade",
        bundler.write("drop", "1.1", DRIP, slug="drop", needs=["plum"], imports="import no_such_module"),
    )
    # Then the command says why, as the worker does, and puts the version before back
    assert done.returncode == 1
    assert "refuses it" in done.stderr and "no_such_module" in done.stderr
    assert "acme-drop 1.0 is put back." in done.stderr
    assert "ready on 1 worker after" in done.stderr
    assert worker.versions("acme-drop") == ["acme-drop-1.0"]
    assert Tool.objects.get(slug="drop").version == "1.0" and Tool.objects.get(slug="drop").installed
    assert "acme-drop" not in str(Worker.objects.get().refused)
    # And the job goes on where it began, and ends; the next one too
    assert not is_final(job)
    next_job = start("drop")
    worker.stop_drips("acme-drop")
    assert output_of(job).endswith("end of 1.0") and output_of(next_job).endswith("end of 1.0")
    # When a release that is no bundle's cannot even be built
    shutil.copytree(worker.releases / "acme-drop-1.0", worker.releases / ".acme-other-1.1")
    (worker.releases / ".acme-other-1.1" / "requirements.txt").write_text("acme-other==1.1\n")
    (worker.releases / ".acme-other-1.1").rename(worker.releases / "acme-other-1.1")
    # Then the worker says so, and what runs goes on
    wait_until(lambda: "--hash" in str(Worker.objects.get().refused.get("acme-other-1.1")), "that reason")
    assert "drop" in Worker.objects.get().tools
    shutil.rmtree(worker.releases / "acme-other-1.1")
    wait_until(lambda: "acme-other-1.1" not in Worker.objects.get().refused, "its end")


def test_what_a_killed_upgrade_leaves_is_rolled_back_by_the_worker(
    worker: LiveSite, bundler: Bundler, start: Run
) -> None:
    # Given a release that works, and an upgrade to one that takes long to start
    assert gptstore(worker, "install", bundler.write("fall", "1.0", slug="fall")).returncode == 0
    slow = bundler.write("fall", "1.1", slug="fall", imports="import time; time.sleep(50)")
    upgrade = start_gptstore(worker, "upgrade", slow)
    wait_until(lambda: worker.versions("acme-fall") == ["acme-fall-1.1"], "the new version's turn")
    # When the command is killed
    upgrade.kill()
    upgrade.communicate()
    # Then the worker puts the version before back, and runs it
    wait_until(lambda: worker.versions("acme-fall") == ["acme-fall-1.0"], "the version before")
    wait_until(lambda: "upgrade_rolled_back" in worker.worker.text, "the worker's word")
    assert gptstore(worker, "install", bundler.folder / "fall-1.0" / "acme-fall-1.0.gptx").returncode == 0
    assert output_of(start("fall")) == "1.0"


def test_without_a_worker_the_command_says_so_and_the_next_one_starts_with_the_release(
    worker: LiveSite, bundler: Bundler, start: Run
) -> None:
    # Given a worker that is killed
    worker.worker.kill()
    Worker.objects.all().delete()
    # When a release is installed
    done = gptstore(worker, "install", bundler.write("late", "1.0", slug="late"))
    assert (done.returncode, "No worker is online" in done.stderr) == (0, True), done.stderr
    # Then the next worker has it
    worker.worker = worker.start_worker()
    assert output_of(start("late")) == "1.0"
