"""Describe a job to a hook."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RunningJob:
    """Identify a running job.

    id: a UUID; tool: its slug; attempt: 1 for the first run of this job, more if a worker was lost during it.
    """

    id: str
    tool: str
    owner_id: int
    attempt: int


@dataclass(frozen=True)
class FinishedJob:
    """Describe how a job ended.

    status: succeeded, failed or canceled; error_code: "" unless it failed; seconds: how long it ran.
    """

    id: str
    tool: str
    owner_id: int
    attempt: int
    status: str
    error_code: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
