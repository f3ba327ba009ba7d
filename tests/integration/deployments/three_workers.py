"""A store with three workers, each with a disk of its own, as on three machines."""

from collections.abc import Sequence
from pathlib import Path

from gptstore.accounts.models import User
from gptstore.jobs.models import Worker
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.process import Process
from harness.waiting import wait_until
from tests.integration.deployments.fleet import Fleet, reports

COUNT = 3


class ThreeWorkers(Fleet):
    """The store. workers: by their disks, which outlive them."""

    workers: dict[Path, Process]

    def begin(self) -> None:
        self.workers = {}
        disks = [self.folder / f"disk-{number}" for number in range(COUNT)]
        for disk in disks:
            disk.mkdir(mode=0o755)
            self.workers[disk] = self.begin_at(disk)
        for disk in disks:
            self.wait_ready_at(disk)

    def begin_at(self, disk: Path) -> Process:
        settings = {"bundles": str(self.folder / "bundles"), "trusted_keys": str(self.folder / "store.key.pub")}
        return self.begin_worker(log=f"{disk.name}.log", var=str(disk), **settings)

    def wait_ready_at(self, disk: Path) -> None:
        worker = self.workers[disk]
        worker.wait_until(lambda: "worker_ready" in worker.text, 240)

    def kill(self, disk: Path) -> None:
        """Kill this disk's worker, as a machine that loses its power."""
        self.workers[disk].kill()
        Worker.objects.filter(name__endswith=f":{self.workers[disk].popen.pid}").delete()

    def start_again(self, disk: Path) -> None:
        self.workers[disk].log.unlink()
        self.workers[disk] = self.begin_at(disk)
        self.wait_ready_at(disk)


def has_begun(disk: Path) -> bool:
    """Return whether the worker of this disk has begun to install something that it has not put in its place yet."""
    return any(disk.glob("fetched/.fetching-*")) or any(disk.glob("environments/.[ub]*-*"))


def approve_checked(bundle: Path, by: User) -> Release:
    """Submit a bundle, wait until a worker has checked it, and approve it."""
    release = submit(bundle, by)
    checked = Release.objects.filter(pk=release.pk, status=ReleaseStatus.IN_REVIEW)
    wait_until(checked.exists, lambda: f"the check of {release}: {reports()}", 120)
    return approve(release, by)


def approve_at_once(bundle: Path, by: User) -> Release:
    """Submit a bundle, and approve it before a worker has checked it."""
    release = submit(bundle, by)
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.IN_REVIEW)
    return approve(release, by)


def wait_everywhere(release: Release, count: int = COUNT) -> None:
    """Wait until so many workers have the release ready."""

    def ready() -> Sequence[str]:
        rows = Worker.objects.values_list("name", "releases")
        return [name for name, releases in rows if (releases or {}).get(release.key) == ""]

    wait_until(lambda: len(ready()) == count, lambda: f"{release} on all of {count}: {reports()}", 120)
