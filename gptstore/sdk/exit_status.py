"""The exit status of a process, in words."""

from __future__ import annotations

import signal


def describe_status(status: int | None) -> str:
    """Describe an exit status. status: as in `subprocess`, below 0 for a signal; None while that is not known."""
    if status is None:
        return "its process said no more"
    if status >= 0:
        return f"its process ended with status {status}"
    try:
        return f"its process was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"its process was ended by signal {-status}"
