"""What a running job says, and how it lies in Redis: one stream per job, one entry per event.

An entry has the fields `event` (a name), `data` (JSON), for output `tokens` (new completion tokens), and `attempt`
where it is not the first. The stream ends with `finished`, whose data readers take from the database.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from redis import RedisError

from gptstore.jobs.redis import sync_client

log = structlog.get_logger(__name__)

STARTED, OUTPUT, PROGRESS, LOG, RESET, FINISHED = "started", "output", "progress", "log", "reset", "finished"
CANCEL_CHANNEL = "gptstore:cancel"


@dataclass(frozen=True)
class Event:
    """One event. `id` is its place in the stream, "" before it has one."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    tokens: int = 0
    id: str = ""
    attempt: int = 1

    def encode(self) -> dict[str, str]:
        fields = {"event": self.name, "data": json.dumps(self.data, ensure_ascii=False)}
        fields |= {"tokens": str(self.tokens)} if self.tokens else {}
        return fields | ({"attempt": str(self.attempt)} if self.attempt > 1 else {})

    @classmethod
    def decode(cls, entry_id: str, fields: dict[str, str]) -> "Event":
        tokens, attempt = int(fields.get("tokens", 0)), int(fields.get("attempt", 1))
        return cls(fields["event"], json.loads(fields["data"]), tokens, entry_id, attempt)


class LatestAttempt:
    """Tells what counts: not what a run says that lost its job and does not know yet, such as after a freeze; and not
    what is left of an attempt whose beginning Redis has lost.
    """

    def __init__(self) -> None:
        self.number = 0

    def takes(self, event: Event) -> bool:
        """Of the events in their order. The end is the job's, whoever tells of it."""
        if event.name == FINISHED:
            return True
        if event.name in (RESET, STARTED):
            self.number = max(self.number, event.attempt)
        return event.attempt == self.number


def stream_key(job_id: UUID) -> str:
    return f"gptstore:job:{job_id}:events"


def publish_finished(job_id: UUID) -> None:
    """Tell readers that the job's row is final. They would notice by themselves within seconds."""
    try:
        with sync_client().pipeline(transaction=False) as pipe:
            pipe.xadd(stream_key(job_id), Event(FINISHED).encode())  # type: ignore[arg-type]
            pipe.expire(stream_key(job_id), settings.ENV.event_ttl_seconds)
            pipe.execute()
    except RedisError as error:
        log.warning("finished_event_failed", job=str(job_id), error=str(error))
