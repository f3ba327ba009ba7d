from typing import Any

from django.db import transaction
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.chain import hash_of
from gptstore.audit.models import MAX_TARGET, AuditEvent, ChainEnd


def record(actor: User | None, action: str, target: str, **details: Any) -> AuditEvent:
    """Write an event, in the transaction of the change that it records: either both are there or neither.

    actor: None for the store itself. action: a verb of a closed set, such as "release.approve". details: JSON, without
    secrets.
    """
    with transaction.atomic():
        ChainEnd.objects.get_or_create(id=1)
        end = ChainEnd.objects.select_for_update().get(id=1)
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
        event.save()
        ChainEnd.objects.filter(id=1).update(number=event.number, hash=event.hash)
    return event
