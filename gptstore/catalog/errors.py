"""The exceptions of the catalogue."""

from gptstore.sdk import InputError


class InvalidInput(InputError):
    """Raised when an input does not fit the schema. A retry with the same input cannot help."""


class SyncFailed(Exception):
    """Raised when no manifest could be read at all. A retry helps once the plugins' environment works again."""
