from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.chain import hash_of
from gptstore.audit.models import MAX_TARGET, AuditEvent, ChainEnd

CHUNK = 500


def record(actor: User | None, action: str, target: str, **details: Any) -> AuditEvent:
    """Write an event, in the transaction of the change that it records: either both are there or neither.

    actor: None for the store itself. action: a verb of a closed set, such as "release.approve". details: JSON, without
    secrets.
    """
    with transaction.atomic():
        end = locked_end()
        event = next_event(end, actor, action, target, details)
        event.save()
        end.save()
    return event


def record_many(actor: User | None, action: str, targets: Iterable[str], **details: Any) -> int:
    """Write an event for each target, as `record` does, in a few statements. Return how many."""
    with transaction.atomic():
        end = locked_end()
        events = [next_event(end, actor, action, target, details) for target in targets]
        AuditEvent.objects.bulk_create(events, batch_size=CHUNK)
        end.save()
    return len(events)


def locked_end() -> ChainEnd:
    ChainEnd.objects.get_or_create(id=1)
    return ChainEnd.objects.select_for_update().get(id=1)


def next_event(end: ChainEnd, actor: User | None, action: str, target: str, details: dict[str, Any]) -> AuditEvent:
    """Make the event that follows the last one, and move the end of the chain to it. Neither is stored."""
    event = AuditEvent(
        number=end.number + 1,
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        actor=actor.username if actor else "",
        action=action,
        target=target[:MAX_TARGET],
        details=details,
        previous=end.hash,
    )
    event.hash = hash_of(event)
    end.number, end.hash = event.number, event.hash
    return event
