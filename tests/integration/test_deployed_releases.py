"""What the database wants runs on the workers: exactly that, and nothing that was not approved."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.bundle_storage import storage_settings
from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Job, Status, Worker
from gptstore.releases.canary import start_canary
from gptstore.releases.deploy import deploy, roll_back
from gptstore.releases.models import Deployment, DeploymentState, Plugin, Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.database import database_of_tests
from harness.process import Process
from harness.redis import RedisServer
from harness.rows import make_user
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.releases import DRIP, FAULTY, REPEAT, SAY, Bundler
from tests.worker.hosts.releases.wheels import make_sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


class Fleet(Site):
    """A store whose workers take what is deployed. `worker`: the first of them."""

    worker: Process

    def restart(self) -> None:
        self.worker = self.start_worker()


@pytest.fixture(scope="module")
def site(redis_process: RedisServer, django_db_setup: None) -> Iterator[Fleet]:
    with TemporaryDirectory(prefix="gptstore-fleet-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Fleet(folder, redis_process.url, database_of_tests(), model="echo", canary_runs="5") as site:
            site.restart()
            yield site


@pytest.fixture(scope="module")
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


Approved = Callable[..., Release]
Run = Callable[..., Job]


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


def reports() -> list[tuple[object, ...]]:
    workers = Worker.objects.values_list("name", "releases", "installs")
    return [*workers, *Deployment.objects.values_list("release__version", "state", "outcome")]


def state_of(release: Release) -> str | None:
    worker = Worker.objects.order_by("last_seen_at").last()
    found = (worker.releases or {}).get(release.key) if worker else None
    return found if found is None else str(found)


def wait_ready(release: Release) -> None:
    wait_until(lambda: state_of(release) == "", lambda: f"{release} to be ready: {reports()}")


def wait_refused(release: Release, reason: str) -> None:
    wait_until(lambda: reason in (state_of(release) or ""), lambda: f"{reason}: {reports()}")


def go_live(release: Release) -> None:
    """Deploy a release, and wait until the worker is ready, by which it goes live."""
    deploy(release, None)
    wait_ready(release)
    wait_live(release)


def wait_live(release: Release) -> None:
    wait_until(lambda: Plugin.objects.filter(live=release.pk).exists(), lambda: f"{release} to be live: {reports()}")


def is_final(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_final


def output_of(job: Job) -> str:
    wait_until(lambda: is_final(job), lambda: f"the job's end: {reports()}")
    assert (job.status, job.error_message) == (Status.SUCCEEDED, "")
    return job.output


def stop_drips(plugin: str) -> None:
    for scratch in Path(gettempdir()).glob(f"gptstore-sandbox-{plugin}-*/*"):
        (scratch / "stop").touch()


def test_a_release_goes_from_its_bundle_to_a_run_and_is_upgraded_while_jobs_run(
    fleet: Fleet, approved: Approved, start: Run
) -> None:
    # Given a live release, and a job of it that runs
    first, second = approved("drip", "1.0", DRIP), approved("drip", "2.0", DRIP)
    go_live(first)
    old = [start("drip") for _ in range(3)]
    # When the next release is deployed, which is live once it is ready
    go_live(second)
    new = start("drip")
    # Then both serve at the same time, each the jobs that were submitted to it
    assert (state_of(first), state_of(second)) == ("", "")
    stop_drips("acme-drip")
    for job, release in [*((job, first) for job in old), (new, second)]:
        assert output_of(job).endswith(f"end of {release.version}")
        assert (job.release, job.attempt) == (release.key, 1)
        assert {word for word in job.output.split() if word[0].isdigit()} == {release.version}
    # And the first one has no process any more, but is built
    wait_until(lambda: state_of(first) is None, lambda: f"the first one to drain: {reports()}")
    assert Worker.objects.get().installs[first.key]["step"] == "built"
    # When it is rolled back to
    began = time.monotonic()
    roll_back(first.plugin, None)
    again = start("drip")
    took = time.monotonic() - began
    stop_drips("acme-drip")
    assert output_of(again).endswith("end of 1.0")
    assert took < 30, "tests share their machine: this only catches a new build, or a missed change"
    # And all of that was one worker, which loaded its model once
    assert fleet.worker.text.count("model_loaded") == fleet.worker.text.count("worker_ready")


def flip(path: Path) -> Callable[[], None]:
    """Change one bit in the middle of a file on the worker's disk. Return what undoes it."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    def undo() -> None:
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return undo


def module_of(fleet: Fleet, release: Release) -> Path:
    name = f"{release.plugin.name.replace('-', '_')}.py"
    (found,) = fleet.folder.glob(f"environments/{release.plugin.name}-{release.version}-*/lib/*/site-packages/{name}")
    return found


def bundle_of(fleet: Fleet, release: Release) -> Path:
    return fleet.folder / "fetched" / release.sha256 / "bundle.gptx"


def host_of(fleet: Fleet, release: Release) -> int:
    """Return the process of the release's host, which runs the Python of its environment."""
    python = str(module_of(fleet, release).parents[3] / "bin" / "python").encode()
    found = [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/cmdline") if command_of(one)[0] == python]
    return min(found)


def command_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\0")
    except OSError:
        return [b""]


def test_one_other_byte_on_disk_keeps_a_release_from_running(fleet: Fleet, approved: Approved, start: Run) -> None:
    # Given two releases of a plugin, of which the first one is kept for a rollback, and another plugin
    first, second, other = approved("safe", "1.0"), approved("safe", "2.0"), approved("beside", "1.0")
    for release in (first, second, other):
        go_live(release)
    wait_until(lambda: state_of(first) is None, lambda: f"the first one to drain: {reports()}")
    # When a byte of its code changes before the rollback
    undo = flip(module_of(fleet, first))
    roll_back(first.plugin, None)
    # Then it does not run, and says why
    wait_refused(first, "acme_safe.py was damaged or changed")
    job = submit_job(User.objects.get(username="ada"), Tool.objects.get(slug="safe"), {})
    # Until it is as it was, when the job that waited runs
    undo()
    assert output_of(job) == "1.0"
    # When a byte of its bundle changes, and its host's process has to be started once more
    undo = flip(bundle_of(fleet, first))
    os.kill(host_of(fleet, first), signal.SIGKILL)
    # Then it does not start
    wait_refused(first, "bundle on this worker's disk was damaged or changed")
    undo()
    wait_ready(first)
    # When a byte changes while there is no worker
    fleet.worker.stop()
    undo = flip(module_of(fleet, first))
    fleet.restart()
    # Then the next worker does not run it either, but what else there is
    wait_refused(first, "acme_safe.py was damaged or changed")
    wait_ready(other)
    assert output_of(start("beside")) == "1.0"
    # And it is built anew when it is deleted, as it says
    environment = module_of(fleet, first).parents[3]
    assert f"Delete {environment}" in (state_of(first) or "")
    environment.rename(fleet.folder / "gone")
    wait_ready(first)
    assert output_of(start("safe")) == "1.0"


def test_a_release_that_nobody_trusts_any_more_is_stopped(fleet: Fleet, approved: Approved, settings: Any) -> None:
    release = approved("trusted", "1.0")
    go_live(release)
    keys: Path = settings.ENV.trusted_keys_file
    text = keys.read_text()
    keys.write_text(f"{text}revoked {release.sha256}\n")

    wait_refused(release, "It was revoked.")
    wait_until(lambda: "trusted" not in Worker.objects.get().tools, "its tools to be gone")
    keys.write_text(text)
    wait_ready(release)


def wait_given_up(release: Release, reason: str) -> None:
    def has_ended() -> bool:
        deployment = release.deployments.get()
        return deployment.state == DeploymentState.ROLLED_BACK and reason in deployment.outcome

    wait_until(has_ended, lambda: f"{reason}: {reports()} {[*release.deployments.values_list('outcome')]}")


def test_a_broken_release_breaks_nothing_and_its_rollout_ends_with_the_reason(
    fleet: Fleet, approved: Approved, start: Run
) -> None:
    # Given a release that cannot be imported, one whose bundle the storage lost, and one that works
    broken = approved("broken", "1.0", imports="import no_such_module")
    lost, good = approved("lost", "1.0"), approved("good", "1.0")
    stored = fleet.folder / "bundles" / lost.file
    stored.rename(stored.with_suffix(".away"))
    for release in (broken, lost):
        deploy(release, None)
    # Then the one worker says why it takes neither, and the other one runs
    wait_given_up(broken, "no_such_module")
    wait_given_up(lost, "No such file or directory")
    go_live(good)
    assert output_of(start("good")) == "1.0"
    # And when the storage has it again, it is deployed again
    stored.with_suffix(".away").rename(stored)
    go_live(lost)


def test_a_worker_that_is_killed_while_it_installs_does_it_at_its_next_start_and_never_again(
    fleet: Fleet, approved: Approved, start: Run
) -> None:
    # Given a worker that is killed as soon as it has begun to install a release
    release = approved("cut", "1.0")
    deploy(release, None)
    wait_until(
        lambda: (
            any(fleet.folder.glob("fetched/.fetching-*"))
            or any(fleet.folder.glob("environments/.*-*"))
            or bundle_of(fleet, release).exists()
        ),
        "it to begin",
        every=0.001,
    )
    fleet.worker.kill()
    Worker.objects.all().delete()
    # When the next one starts
    fleet.restart()
    wait_live(release)
    # Then it runs, and nothing is left of what was begun
    assert output_of(start("cut")) == "1.0"
    wait_until(lambda: not [*fleet.folder.glob("fetched/.fetching-*")], "the rest to be swept")
    wait_until(lambda: not [*fleet.folder.glob("environments/.building-*")], "the rest to be swept")
    # And another start installs nothing again
    made = (bundle_of(fleet, release).stat().st_mtime_ns, module_of(fleet, release).stat().st_ino)
    fleet.worker.stop()
    fleet.restart()
    wait_ready(release)
    assert (bundle_of(fleet, release).stat().st_mtime_ns, module_of(fleet, release).stat().st_ino) == made


def test_a_worker_that_joins_late_takes_what_is_live(fleet: Fleet, approved: Approved) -> None:
    release = approved("join", "1.0")
    go_live(release)
    second = fleet.start_worker()
    try:
        mine = Worker.objects.filter(name__endswith=f":{second.popen.pid}")
        wait_until(
            lambda: any((one.releases or {}).get(release.key) == "" for one in mine.all()),
            lambda: f"it to be ready there: {reports()}",
        )
        assert fleet.worker.popen.poll() is None
    finally:
        second.stop()


def state_now(deployment: Deployment) -> tuple[str, str]:
    deployment.refresh_from_db()
    return deployment.state, deployment.outcome


def repeat(owner: User, count: int) -> list[Job]:
    """Run the tool with so many inputs, and wait until all have ended."""
    tool = Tool.objects.get(slug="repeat")
    jobs = [submit_job(owner, tool, {"word": f"word{number}"}) for number in range(count)]
    for job in jobs:
        wait_until(lambda job=job: is_final(job), lambda: f"the job's end: {reports()}")  # type: ignore[misc]
    return jobs


def test_a_canary_goes_live_by_its_runs_and_what_crashes_goes_back(
    fleet: Fleet, approved: Approved, boss: User
) -> None:
    # Given a live release, and a canary that the worker has
    first, second, third = (
        approved("repeat", version, code) for version, code in (("1.0", REPEAT), ("2.0", REPEAT), ("3.0", FAULTY))
    )
    go_live(first)
    canary = start_canary(second, boss, share=50)
    wait_until(lambda: Tool.objects.get(slug="repeat").canary, lambda: f"its share: {state_now(canary)}, {reports()}")
    # When enough runs of both have ended
    jobs = repeat(boss, 40)
    # Then both releases had some, and the canary is live
    assert {(job.output, job.release) for job in jobs} == {("1.0", first.key), ("2.0", second.key)}
    wait_until(lambda: state_now(canary)[0] == DeploymentState.LIVE, lambda: f"its verdict: {state_now(canary)}")
    # When a release crashes that is live
    go_live(third)
    crashed = repeat(boss, 5)
    # Then it is quarantined with its traceback, and the one before is live again
    assert {job.error_code for job in crashed} == {"tool_crashed"}
    wait_live(second)
    third.refresh_from_db()
    assert third.quarantine_reason.startswith("5 different inputs of one person")
    assert third.quarantine_details.startswith("repeat: tool_crashed")
    assert "acme_repeat.py:7 in repeat" in third.quarantine_details
    assert third.quarantine_details.endswith("ZeroDivisionError")
    assert "word" not in third.quarantine_details
    assert [job.output for job in repeat(boss, 2)] == ["2.0", "2.0"]
