"""The hash chain over the audit log: each event's hash covers its content and the hash of the event before it.

Whoever alters an event would have to compute all hashes after it anew. Keep the last hash elsewhere, such as by a daily
`manage.py verify_audit` whose output is mailed, and that shows too.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from gptstore.audit.errors import BrokenChain
from gptstore.audit.models import FIRST_HASH, AuditEvent, ChainEnd

COVERED = ("number", "actor_id", "actor", "action", "target", "details", "previous")


def hash_of(event: AuditEvent) -> str:
    """Return the SHA-256, in hex, of the event as canonical JSON."""
    covered: Mapping[str, Any] = {name: getattr(event, name) for name in COVERED}
    text = json.dumps({**covered, "at": event.at.isoformat()}, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def verify(newest: int | None = None) -> tuple[int, str]:
    """Return the number of events, and the last one's hash. Raises BrokenChain.

    newest: how many to look at, from the end; None for all. What is written meanwhile is left for the next time.
    """
    end = ChainEnd.objects.first() or ChainEnd()
    number, last = 0, FIRST_HASH
    written = AuditEvent.objects.filter(number__lte=end.number)
    if newest is not None and end.number > newest:
        number = end.number - newest
        last = written.filter(number=number).values_list("hash", flat=True).first() or ""
    for event in written.filter(number__gt=number).order_by("number").iterator():
        number += 1
        if event.number != number:
            raise BrokenChain(f"Event {number} is missing.")
        if event.previous != last or event.hash != hash_of(event):
            raise BrokenChain(f"Event {number} is not what was written, or an earlier one is not.")
        last = event.hash
    if (end.number, end.hash) != (number, last):
        raise BrokenChain(f"The log ends with event {number}, but event {end.number} was written.")
    check_nothing_follows(number)
    return number, last


def check_nothing_follows(number: int) -> None:
    follows = AuditEvent.objects.filter(number__gt=number).exists()
    if follows and not ChainEnd.objects.filter(number__gt=number).exists():
        raise BrokenChain(f"Event {number + 1} was not written by the store.")
