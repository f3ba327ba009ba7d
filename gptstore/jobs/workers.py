"""The fleet as the site sees it: the living workers, and the model that they share."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from gptstore.jobs.models import Worker

LOST_AFTER = timedelta(seconds=30)
FORGOTTEN_AFTER = timedelta(days=1)
REPORTED_FIELDS = (
    "model", "demo", "parameters", "context_length", "device", "tools", "slots", "sandbox", "sandbox_missing",
    "refused", "thinking", "offers", "releases", "installs", "tokens_per_second", "memory",
)  # fmt: skip


@dataclass(frozen=True)
class WorkerInfo:
    """One worker. `parameters` is 0 where their number is not known, as of a model on another server.

    slots: how many jobs it runs at a time. sandbox: the isolation level of plugins, "full", "reduced" or "none";
    sandbox_missing: what that lacks, and why it matters. refused: plugins that may not run there, and why.
    tools: the slugs of all that it can run; offers: those of each release, by its key, "" for what is installed there.
    releases: "" for each release that it runs, or why it does not, by the release's key; None: it has no releases.
    installs: how far each deployed release has come there, `Install` as JSON, by the release's key.
    thinking: whether the model thinks before it answers: "never", "optional", "always" or "unknown".
    tokens_per_second: that its engine makes now. memory: bytes of its process; 0 where they are not known.
    drained_at: since when it claims no jobs, until somebody resumes it.
    """

    name: str
    model: str
    demo: bool
    parameters: int
    context_length: int
    device: str
    tools: list[str]
    slots: int = 1
    sandbox: str = "none"
    sandbox_missing: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    thinking: str = "unknown"
    offers: dict[str, list[str]] | None = None
    releases: dict[str, str] | None = None
    installs: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens_per_second: float = 0.0
    memory: int = 0
    last_seen_at: datetime | None = None
    drained_at: datetime | None = None

    @property
    def by_release(self) -> dict[str, list[str]]:
        """Return its offers; those of a worker of an older version are what is installed there."""
        return {"": self.tools} if self.offers is None else self.offers

    def can_run(self, tool: str, release: str) -> bool:
        """Return whether it takes jobs of this tool (slug) that ask for this release; "" where they ask for none."""
        return tool in self.by_release.get(release, ())


def alive() -> QuerySet[Worker]:
    return Worker.objects.filter(last_seen_at__gt=Now() - LOST_AFTER)


def fleet() -> list[WorkerInfo]:
    """Return the workers with a heartbeat within `LOST_AFTER`."""
    columns = ("name", *REPORTED_FIELDS, "last_seen_at", "drained_at")
    return [WorkerInfo(*row) for row in alive().values_list(*columns)]


def shared_model() -> WorkerInfo | None:
    """Return the worker whose model answers, or None when none lives."""
    return next(iter(fleet()), None)


def beat(info: WorkerInfo) -> bool:
    """Write the heartbeat of this worker. Return whether it is drained."""
    values = {name: getattr(info, name) for name in REPORTED_FIELDS}
    row, _created = Worker.objects.update_or_create(name=info.name, defaults={**values, "last_seen_at": Now()})
    return row.drained_at is not None


def leave(name: str) -> None:
    """Forget this worker, which is going. A drained one is kept as a lost one: it stays drained when it comes back."""
    here = Worker.objects.filter(name=name)
    here.filter(drained_at=None).delete()
    here.update(last_seen_at=Now() - LOST_AFTER, tokens_per_second=0.0)


def forget_gone() -> None:
    """Forget workers that were killed, and so never left."""
    Worker.objects.filter(last_seen_at__lt=Now() - FORGOTTEN_AFTER).delete()
