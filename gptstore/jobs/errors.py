"""The reasons why a job failed: a closed list, stored with the job and shown to people and programs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ErrorCode(models.TextChoices):
    TOOL_ERROR = "tool_error", _("The tool cannot work with this input")
    REFUSED = "refused", _("The rules of this site do not allow it")
    TOOL_CRASHED = "tool_crashed", _("The tool has a fault")
    TOOL_MISSING = "tool_missing", _("No worker has this tool")
    BAD_REQUEST = "bad_request", _("The tool asked the model for something impossible")
    PROMPT_TOO_LONG = "prompt_too_long", _("The text does not fit the model's context")
    OUT_OF_MEMORY = "out_of_memory", _("The model ran out of memory")
    ENGINE_ERROR = "engine_error", _("The model failed")
    TIMEOUT = "timeout", _("It took too long")
    LIMIT_EXCEEDED = "limit_exceeded", _("It took more than it may")
    WORKER_LOST = "worker_lost", _("The worker died, again and again")
    INTERNAL_ERROR = "internal_error", _("Something went wrong in the store")


class ToolUnavailable(Exception):
    """Raised when a tool cannot be launched now: switched off, its plugin is gone, or it is not for this person.

    reason: what has to be done, for people; "" where the tool is not offered at all.
    """

    def __init__(self, slug: str, reason: str = "") -> None:
        super().__init__(slug)
        self.reason = reason


class IdempotencyConflict(Exception):
    """Raised when an idempotency key was used for another request before. A retry needs another key."""
