"""What a job has said so far, for pages that do not follow its events."""

from dataclasses import dataclass
from typing import Any

from redis import RedisError

from gptstore.jobs.events.events import Event, LatestAttempt, stream_key
from gptstore.jobs.models import Job
from gptstore.jobs.redis import sync_client


@dataclass(frozen=True)
class Partial:
    """The text, its completion tokens, the last progress data (None when there is none), and the log lines."""

    text: str
    tokens: int
    progress: dict[str, object] | None = None
    logs: tuple[str, ...] = ()


def read_partial(job: Job) -> Partial:
    """From the row when the job has ended, else from its events. Empty while Redis is away."""
    entries: Any
    try:
        entries = sync_client().xrange(stream_key(job.id))
    except RedisError:
        entries = []
    said = gather([Event.decode(entry_id, fields) for entry_id, fields in entries])
    if job.is_final:
        return Partial(job.output, job.completion_tokens, None, said.logs)
    return said


def gather(events: list[Event]) -> Partial:
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
    return Partial("".join(pieces), tokens, progress, tuple(logs))
