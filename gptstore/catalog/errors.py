"""The exceptions of the catalogue."""

from gptstore.sdk import InputError


class InvalidInput(InputError):
    """Raised when an input does not fit the schema. A retry with the same input cannot help."""


class SyncFailed(Exception):
    """Raised when no manifest could be read at all. A retry helps once the plugins' environment works again."""


class SlugTaken(Exception):
    """Raised when a plugin offers a tool that is another plugin's. The message says how to hand it over."""


class WrongCursor(Exception):
    """Raised when a cursor is none that a page of this list gave. A retry cannot help."""


class UnknownTool(Exception):
    """Raised when the catalogue has no tool of this slug."""
