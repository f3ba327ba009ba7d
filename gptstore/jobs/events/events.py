"""The events of a running job, and their form in Redis: one stream per job, one entry per event.

An entry has the fields `event` (a name), `data` (JSON), for output `tokens` (new completion tokens), and `attempt`
where it is not the first. The stream ends with `finished`, whose data readers take from the database.
"""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from redis import RedisError

from gptstore.jobs.models import Job
from gptstore.jobs.redis import sync_client
from gptstore.jobs.sender import send_soon

log = structlog.get_logger(__name__)

STARTED, OUTPUT, PROGRESS, LOG, RESET, FINISHED = "started", "output", "progress", "log", "reset", "finished"
CANCEL_CHANNEL = "gptstore:cancel"


@dataclass(frozen=True)
class Event:
    """One event. `id` is its position in the stream, "" before it has one."""

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
    """Filters events by attempt.

    Drops those of a stale run (it lost its lease and has not noticed) and of an attempt whose `started` event is gone.
    """

    def __init__(self) -> None:
        self.number = 0

    def takes(self, event: Event) -> bool:
        """Return whether the next event of the stream counts. `finished` always does: it is the job's, not a run's."""
        if event.name == FINISHED:
            return True
        if event.name in (RESET, STARTED):
            self.number = max(self.number, event.attempt)
        return event.attempt == self.number


@dataclass(frozen=True)
class OutputSoFar:
    """The events of a job up to now, summed up for pages that do not follow them.

    tokens: completion tokens of the text. progress: the data of the last such event, None when there is none.
    """

    text: str
    tokens: int
    progress: dict[str, object] | None = None
    logs: tuple[str, ...] = ()


def stream_key(job_id: UUID) -> str:
    return f"gptstore:job:{job_id}:events"


def publish_finished(job_id: UUID) -> bool:
    """Append `finished`: the job's row is final. Return whether it was sent. Without it readers notice in seconds."""
    try:
        with sync_client().pipeline(transaction=False) as pipe:
            pipe.xadd(stream_key(job_id), Event(FINISHED).encode())  # type: ignore[arg-type]
            pipe.expire(stream_key(job_id), settings.ENV.event_ttl_seconds)
            pipe.execute()
    except RedisError as error:
        log.warning("finished_event_failed", job=str(job_id), error=str(error))
        return False
    return True


def publish_finished_soon(job_id: UUID) -> None:
    """Append `finished` in a thread, for callers who cannot wait."""
    send_soon(partial(publish_finished, job_id))


def read_output_so_far(job: Job) -> OutputSoFar:
    """Read the job's events; of a job that has ended, text and tokens from its row. Empty while Redis is away."""
    entries: Any
    try:
        entries = sync_client().xrange(stream_key(job.id))
    except RedisError:
        entries = []
    read = gather_output([Event.decode(entry_id, fields) for entry_id, fields in entries])
    if job.is_final:
        return OutputSoFar(job.output, job.completion_tokens, None, read.logs)
    return read


def gather_output(events: list[Event]) -> OutputSoFar:
    pieces: list[str] = []
    logs: list[str] = []
    tokens, progress = 0, None
    latest = LatestAttempt()
    for event in filter(latest.takes, events):
        match event.name:
            case "reset" | "started":
                pieces, tokens, progress = [], 0, None
            case "output":
                pieces.append(event.data["text"])
                tokens += event.tokens
            case "progress":
                progress = event.data
            case "log":
                logs.append(event.data["message"])
    return OutputSoFar("".join(pieces), tokens, progress, tuple(logs))
