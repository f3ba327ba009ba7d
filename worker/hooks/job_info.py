"""What a hook is told about a job."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RunningJob:
    """id: a UUID; tool: its slug; attempt: 1 for the first run of this job, more when a worker was lost under it."""

    id: str
    tool: str
    owner_id: int
    attempt: int


@dataclass(frozen=True)
class FinishedJob:
    """status: succeeded, failed or canceled; error_code: "" unless it failed; seconds: how long it ran."""

    id: str
    tool: str
    owner_id: int
    attempt: int
    status: str
    error_code: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
