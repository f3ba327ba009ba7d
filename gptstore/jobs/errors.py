"""The reasons why a job failed: a closed list, stored with the job and shown to people and programs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gptstore.sdk.job_errors import JOB_ERRORS


class ErrorCode(models.TextChoices):
    TOOL_ERROR = "tool_error", _(JOB_ERRORS["tool_error"])
    REFUSED = "refused", _(JOB_ERRORS["refused"])
    TOOL_CRASHED = "tool_crashed", _(JOB_ERRORS["tool_crashed"])
    TOOL_MISSING = "tool_missing", _(JOB_ERRORS["tool_missing"])
    BAD_REQUEST = "bad_request", _(JOB_ERRORS["bad_request"])
    PROMPT_TOO_LONG = "prompt_too_long", _(JOB_ERRORS["prompt_too_long"])
    OUT_OF_MEMORY = "out_of_memory", _(JOB_ERRORS["out_of_memory"])
    ENGINE_ERROR = "engine_error", _(JOB_ERRORS["engine_error"])
    TIMEOUT = "timeout", _(JOB_ERRORS["timeout"])
    LIMIT_EXCEEDED = "limit_exceeded", _(JOB_ERRORS["limit_exceeded"])
    WORKER_LOST = "worker_lost", _(JOB_ERRORS["worker_lost"])
    INTERNAL_ERROR = "internal_error", _(JOB_ERRORS["internal_error"])


class ToolUnavailable(Exception):
    """Raised when a tool cannot be launched now: switched off, its plugin is gone, or it is not for this person.

    reason: what has to be done, for people; "" where the tool is not offered at all.
    """

    def __init__(self, slug: str, reason: str = "") -> None:
        super().__init__(slug)
        self.reason = reason


class IdempotencyConflict(Exception):
    """Raised when an idempotency key was used for another request before. A retry needs another key."""
