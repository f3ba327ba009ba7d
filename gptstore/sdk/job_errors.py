"""The reasons why a run failed: a closed list, with the sentence for each."""

from __future__ import annotations

from gptstore.sdk.translation import gettext_noop

JOB_ERRORS = {
    "tool_error": gettext_noop("The tool cannot work with this input"),
    "refused": gettext_noop("The rules of this site do not allow it"),
    "tool_crashed": gettext_noop("The tool has a fault"),
    "tool_missing": gettext_noop("No worker has this tool"),
    "bad_request": gettext_noop("The tool asked the model for something impossible"),
    "prompt_too_long": gettext_noop("The text does not fit the model's context"),
    "out_of_memory": gettext_noop("The model ran out of memory"),
    "engine_error": gettext_noop("The model failed"),
    "timeout": gettext_noop("It took too long"),
    "limit_exceeded": gettext_noop("It took more than it may"),
    "worker_lost": gettext_noop("The worker died, again and again"),
    "internal_error": gettext_noop("Something went wrong in the store"),
}
