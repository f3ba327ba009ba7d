"""The errors between a worker and a plugin's code, beside those that the tool itself raises."""

from worker.hosts.limit import Limit


class ToolMissing(Exception):
    """Raised when no plugin on this worker has the tool. Another worker, or this one after an install, may have it."""


class ToolCrashed(Exception):
    """Raised when a tool's process stopped because of a fault of its own. The same input is likely to fail again.

    fault: in a few words, such as the exception's name; details: the traceback, for the log.
    """

    def __init__(self, fault: str, details: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.details = details


class LimitExceeded(Exception):
    """Raised when a tool exceeded a limit that only its host can check. The same input will do so again."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.message)
        self.limit = limit


class HostRefused(Exception):
    """Raised when a host must not start, because what it is to run is not what was approved. The message says why."""


class HostLost(Exception):
    """Raised when the process that ran the tool was lost, perhaps through another run. A retry may help."""
