"""Drains workers: a drained one claims no more jobs, and those that it runs come to their end."""

from django.db import transaction
from django.db.models.functions import Now

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.jobs import doorbell
from gptstore.jobs.models import Worker


@transaction.atomic
def drain(name: str, by: User | None) -> bool:
    """Have this worker claim no more jobs. Return False when there is none that does."""
    found = Worker.objects.filter(name=name, drained_at=None)
    if not found.update(drained_at=Now(), drained_by=by.username if by else ""):
        return False
    record(by, "worker.drain", f"worker {name}")
    return True


@transaction.atomic
def resume(name: str, by: User | None) -> bool:
    """Have a drained worker claim jobs again. Return False when there is no such one."""
    found = Worker.objects.filter(name=name, drained_at__isnull=False)
    if not found.update(drained_at=None, drained_by=""):
        return False
    record(by, "worker.resume", f"worker {name}")
    transaction.on_commit(doorbell.ring_soon)
    return True
