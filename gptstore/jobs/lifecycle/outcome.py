"""The outcome of a job's run, as `states.finish` writes it."""

from dataclasses import dataclass, field

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.models import Status


@dataclass(frozen=True)
class Usage:
    """Tokens of the shared model that a run took: prompt tokens, and completion tokens.

    finish_reason: why the model's last answer ended: "stop", by itself, or "length", cut off; "" where there was none.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reason: str = ""


@dataclass(frozen=True)
class JobError:
    """The error of a failed job. message: one or two sentences for the person whose run it was.

    fault, traceback: of a crash, for the tool's author; they are not stored with the job.
    """

    code: ErrorCode
    message: str
    fault: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one run. `output` may be partial; `error` is set if and only if the status is failed.

    unless_canceled: the job ends as canceled instead if its cancellation was requested, even a moment ago.
    logprobs: of the output's tokens, as `gptstore.jobs.logprobs` writes them; "" where they were not asked for.
    """

    status: Status
    output: str = ""
    usage: Usage = field(default_factory=Usage)
    error: JobError | None = None
    unless_canceled: bool = False
    logprobs: str = ""
