"""The exit status of a process, in words."""

from __future__ import annotations

import signal


def describe_status(status: int | None) -> str:
    """Describe an exit status. status: as in `subprocess`, below 0 for a signal; None while that is not known."""
    if status is None:
        return "its process said no more"
    if status >= 0:
        return f"its process ended with status {status}"
    return f"its process was ended by {signal_name(-status)}"


def signal_name(number: int) -> str:
    """Return the name of a signal; "signal 99" for one that has none here."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
