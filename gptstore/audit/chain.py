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

    newest: how many to look at, from the end; None for all.
    """
    number, last = 0, FIRST_HASH
    if newest is not None and (first := AuditEvent.objects.order_by("-number")[newest : newest + 1].first()):
        number, last = first.number, first.hash
    for event in AuditEvent.objects.filter(number__gt=number).order_by("number").iterator():
        number += 1
        if event.number != number:
            raise BrokenChain(f"Event {number} is missing.")
        if event.previous != last or event.hash != hash_of(event):
            raise BrokenChain(f"Event {number} is not what was written, or an earlier one is not.")
        last = event.hash
    end = ChainEnd.objects.first() or ChainEnd()
    if (end.number, end.hash) != (number, last):
        raise BrokenChain(f"The log ends with event {number}, but event {end.number} was written.")
    return number, last
