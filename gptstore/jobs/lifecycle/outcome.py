"""How a run of a job ended, as `states.finish` writes it."""

from dataclasses import dataclass, field

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.models import Status


@dataclass(frozen=True)
class Usage:
    """Tokens of the shared model that a run took: those of its prompts, and those that it made."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class JobError:
    """Why a job failed. message: one or two sentences for the person whose run it was."""

    code: ErrorCode
    message: str


@dataclass(frozen=True)
class Outcome:
    """The end of one run. `output` may be partial; `error` is set if and only if the status is failed.

    unless_canceled: the job ends as canceled instead where its cancellation was requested, even a moment ago.
    """

    status: Status
    output: str = ""
    usage: Usage = field(default_factory=Usage)
    error: JobError | None = None
    unless_canceled: bool = False
