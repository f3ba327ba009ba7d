"""A store whose workers take what is deployed, and what tests wait for there."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gptstore.jobs.models import Job, Status, Worker
from gptstore.releases.deploy import deploy
from gptstore.releases.models import Deployment, Plugin, Release
from harness.process import Process
from harness.site import Site
from harness.waiting import wait_until


class Fleet(Site):
    """The store. worker: the first of its workers. scratch: where runs have their folders."""

    worker: Process

    def __init__(self, folder: Path, redis_url: str, database: str, **settings: str) -> None:
        super().__init__(folder, redis_url, database, **settings)
        self.scratch = folder / "scratch"
        self.scratch.mkdir(mode=0o755)
        self.environment["TMPDIR"] = str(self.scratch)

    def restart(self) -> None:
        self.worker = self.start_worker()

    def stop_drips(self, plugin: str) -> None:
        """End the runs of tools like `DRIP` that go on now."""
        for scratch in self.scratch.glob(f"gptstore-sandbox-{plugin}-*/*"):
            with suppress(FileNotFoundError):  # its run has ended just now
                (scratch / "stop").touch()

    def module_of(self, release: Release) -> Path:
        name = f"{release.plugin.name.replace('-', '_')}.py"
        place = f"environments/{release.plugin.name}-{release.version}-*/lib/*/site-packages/{name}"
        (found,) = self.folder.glob(place)
        return found

    def hosts(self) -> list[int]:
        """Return the processes of hosts of deployed releases: those that run the Python of an environment."""
        return [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/cmdline") if self.is_host(one)]

    def is_host(self, command: Path) -> bool:
        try:
            return command.read_bytes().startswith(bytes(self.folder / "environments"))
        except OSError:
            return False

    def bundle_of(self, release: Release) -> Path:
        return self.folder / "fetched" / release.sha256 / "bundle.gptx"


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
    wait_until(
        lambda: Plugin.objects.filter(live=release.pk).exists(), lambda: f"{release} to be live: {reports()}", 120
    )


def is_final(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_final


def output_of(job: Job) -> str:
    wait_until(lambda: is_final(job), lambda: f"the job's end: {reports()}")
    assert (job.status, job.error_message) == (Status.SUCCEEDED, "")
    return job.output


def flip(path: Path) -> Callable[[], None]:
    """Change one bit in the middle of a file on the worker's disk. Return what undoes it."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    def undo() -> None:
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return undo
