"""The releases that workers are to have, and what each worker reports of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gptstore.jobs.models import Worker
from gptstore.releases.models import Deployment, Release, Strategy
from gptstore.releases.wanted import Role, wanted_by

ROLES: dict[str, str | Promise] = {
    Role.LIVE: _("Live"),
    Role.ROLLING_OUT: _("Rolling out"),
    Role.DRAINING: _("Its last runs end"),
    Role.STANDBY: _("Kept for a rollback"),
    "unwanted": _("No longer wanted"),
    "folder": _("From the folder of releases"),
}
CELLS: dict[str, str | Promise] = {
    "ready": _("Ready"),
    "installing": _("Installing"),
    "failed": _("Failed"),
    "blind": _("Takes no releases"),
    "absent": _("Not wanted"),
}


@dataclass(frozen=True)
class Cell:
    """The state of one release on one worker: one of `CELLS`. reason: why it failed, such as the log of a build."""

    worker: Worker
    state: str
    reason: str = ""

    @property
    def text(self) -> str:
        return str(CELLS[self.state])


@dataclass(frozen=True)
class ReleaseRow:
    """One release, with a cell for each worker. number: the primary key; None of one that the store does not know."""

    number: int | None
    title: str
    key: str
    role: str
    cells: list[Cell]

    @property
    def role_text(self) -> str:
        return str(ROLES[self.role])


def read_releases(workers: Iterable[Worker]) -> list[ReleaseRow]:
    """Return what these workers are to have, and what they have beside that."""
    workers = list(workers)
    wanted = wanted_by_each(workers)
    titles = {key: str(release) for roles in wanted.values() for key, (release, _role) in roles.items()}
    others = {key for worker in workers for key in worker.releases or ()} - titles.keys()
    known = {release.key: release for release in Release.objects.filter(key__in=others).select_related("plugin")}
    rows = []
    for key in [*titles, *sorted(others)]:
        asked = [roles[key] for roles in wanted.values() if key in roles]
        release = asked[0][0] if asked else known.get(key)
        role = asked[0][1] if asked else "unwanted" if release else "folder"
        cells = [cell_of(worker, key, is_wanted=key in wanted[worker.name]) for worker in workers]
        rows.append(ReleaseRow(release.pk if release else None, str(release or key), key, role, cells))
    return sorted(rows, key=lambda row: (row.role == "folder", row.title))


def wanted_by_each(workers: Iterable[Worker]) -> dict[str, Mapping[str, tuple[Release, str]]]:
    """Return the wanted releases of each worker by key, with their roles. Only a worker of a canary differs."""
    canaries = Deployment.objects.filter(ended_at=None, strategy=Strategy.CANARY).values_list(
        "canary_worker", flat=True
    )
    own = set(canaries)
    usual = roles_of("")
    return {worker.name: roles_of(worker.name) if worker.name in own else usual for worker in workers}


def roles_of(worker: str) -> dict[str, tuple[Release, str]]:
    return {wanted.release.key: (wanted.release, wanted.role) for wanted in wanted_by(worker)}


def cell_of(worker: Worker, key: str, *, is_wanted: bool) -> Cell:
    if worker.releases is None:
        return Cell(worker, "blind" if is_wanted else "absent", worker.refused.get("releases", ""))
    if key not in worker.releases:
        return Cell(worker, "installing" if is_wanted else "absent")
    reason = worker.releases[key]
    return Cell(worker, "failed" if reason else "ready", reason)
