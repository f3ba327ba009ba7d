"""How a job ends whose run took more than it may."""

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job
from worker.hosts.limit_sentence import SECONDS, Limit


def stop_at(job: Job, limit: Limit, output: str, prompt_tokens: int, completion_tokens: int) -> bool:
    """Whether its run still owned the job, so that its end was written."""
    code = ErrorCode.TIMEOUT if limit.kind is SECONDS else ErrorCode.LIMIT_EXCEEDED
    return states.stop_at_limit(job, code, limit.message, output, prompt_tokens, completion_tokens)
