"""The errors of getting wheels. Each message is a sentence for the author, with the mend."""

from __future__ import annotations


class WheelError(Exception):
    """Raised when a plugin, or what it depends on, cannot be made into wheels. Doing what the message says can help."""


class MissingUvError(WheelError):
    """Raised when uv is not installed."""


class PlatformError(WheelError):
    """Raised for a platform that we do not know. Only another name helps."""


class UvError(Exception):
    """Raised when uv did not do what it was asked for. output: what it said to stderr."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output
