"""Problems of an import that only another process sees: a plugin that takes too long, ends its process or floods it.

A store and `gptstore check` have the same sentences for them.
"""

from __future__ import annotations

from gptstore.sdk.exit_status import describe_status
from gptstore.sdk.limits import MEGA
from gptstore.sdk.problem import Problem

MAX_PRINTED = 4 * MEGA
"""Bytes that a plugin may print while it is imported before nobody reads on."""


def not_in_time(seconds: float) -> Problem:
    """Return the problem of an import that did not end."""
    mend = "code at the top of a module must end at once: move the work into the tool's function"
    return Problem("import-time", f"it was not imported within {seconds:g} s", mend)


def ended_early(status: int) -> Problem:
    """Return the problem of an import that ended the process. status: as in `subprocess`, below 0 for a signal."""
    mend = "code at the top of a module must not end its process, nor crash it"
    return Problem("import-exit", f"{describe_status(status)} while it was imported", mend)


def printed_too_much() -> Problem:
    """Return the problem of an import that prints without measure."""
    mend = "remove what prints at the top of its modules"
    return Problem("import-output", f"it printed more than {MAX_PRINTED / MEGA:g} MB while it was imported", mend)
