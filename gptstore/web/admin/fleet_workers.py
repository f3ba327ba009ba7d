"""The workers as the fleet page shows them: alive, drained and lost ones, with what they do now."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gptstore.catalog.models import Tool
from gptstore.jobs.load import CountByTool, count_running
from gptstore.jobs.models import Worker
from gptstore.jobs.release_states import SILENT_AFTER
from gptstore.jobs.workers import LOST_AFTER

STATES: dict[str, str | Promise] = {
    "ready": gettext_lazy("Takes jobs"),
    "silent": gettext_lazy("Silent"),
    "draining": gettext_lazy("Draining"),
    "drained": gettext_lazy("Drained"),
    "lost": gettext_lazy("Lost"),
}
SANDBOX: dict[str, str | Promise] = {
    "full": gettext_lazy("Full sandbox"),
    "reduced": gettext_lazy("Reduced sandbox"),
    "none": gettext_lazy("No sandbox"),
}


@dataclass(frozen=True)
class FleetWorker:
    """One worker. seen: the time since its last heartbeat. queued: the jobs that wait for one of its tools.

    state: one of `STATES`.
    """

    row: Worker
    state: str
    seen: timedelta
    running: int
    queued: int

    @property
    def is_lost(self) -> bool:
        return self.state == "lost"

    @property
    def state_text(self) -> str:
        return str(STATES[self.state])

    @property
    def sandbox_text(self) -> str:
        return str(SANDBOX.get(self.row.sandbox, self.row.sandbox))

    @property
    def seen_text(self) -> str:
        return age(self.seen)


@dataclass(frozen=True)
class FleetWorkers:
    """All workers by name, lost ones last. waiting: the jobs that are queued."""

    workers: list[FleetWorker]
    waiting: CountByTool

    @property
    def alive(self) -> list[FleetWorker]:
        return [worker for worker in self.workers if not worker.is_lost]

    @property
    def summary(self) -> str:
        """Return a sentence that changes only when a worker comes, goes, or is drained or resumed."""
        number = {state: sum(worker.state == state for worker in self.workers) for state in STATES}
        taking = number["ready"] + number["silent"]
        drained = number["draining"] + number["drained"]
        parts = [ngettext("%(n)s worker takes jobs", "%(n)s workers take jobs", taking) % {"n": taking}]
        parts += [ngettext("%(n)s is drained", "%(n)s are drained", drained) % {"n": drained}] if drained else []
        lost = number["lost"]
        parts += [ngettext("%(n)s is lost", "%(n)s are lost", lost) % {"n": lost}] if lost else []
        return _("%(parts)s.") % {"parts": _(", ").join(parts)}


def read_workers(waiting: CountByTool) -> FleetWorkers:
    running, now = count_running(), timezone.now()
    slugs = dict(Tool.objects.filter(pk__in=waiting.tools).values_list("slug", "pk"))
    found = []
    for row in Worker.objects.order_by("name"):
        seen = max(timedelta(), now - row.last_seen_at)
        queued = sum(waiting.tools[slugs[slug]] for slug in row.tools if slug in slugs)
        mine = running.get(row.name, 0)
        found.append(FleetWorker(row, state_of(row, seen, mine), seen, mine, queued))
    return FleetWorkers(sorted(found, key=lambda worker: worker.is_lost), waiting)


def state_of(row: Worker, seen: timedelta, running: int) -> str:
    if seen >= LOST_AFTER:
        return "lost"
    if row.drained_at is not None:
        return "draining" if running else "drained"
    return "silent" if seen > SILENT_AFTER else "ready"


def age(time: timedelta) -> str:
    """Return a time in its largest unit."""
    seconds = int(time.total_seconds())
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)s min") % {"n": seconds // 60}
    if seconds < 86400:
        return _("%(n)s h") % {"n": seconds // 3600}
    return ngettext("%(n)s day", "%(n)s days", seconds // 86400) % {"n": seconds // 86400}
