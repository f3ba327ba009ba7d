"""Why a command of `gptstore` ends without success. Each message is a sentence, with what to do about it.

The status of the process: 0 it worked, 1 it did not (`CommandError`), 2 it was called in a wrong way, 3 the store was
not reached or did not take the key (`StoreError`), 130 somebody interrupted it.
"""

from __future__ import annotations


class CommandError(Exception):
    """Raised when a command can't do what it was asked for. Doing what the message says can help."""

    status = 1


class UsageError(CommandError):
    """Raised for arguments that make no sense, which only other arguments can mend."""

    status = 2


class StoreError(CommandError):
    """Raised when a store does not answer, or refuses the key. Trying again later can help."""

    status = 3
