"""Why a command of `gptstore` ends without success. Each message is a sentence, with what to do about it.

The status of the process: 0 it worked, 1 it did not (`CommandError`), 2 it was called in a wrong way, 3 the store was
not reached or did not take the key (`StoreError`), 130 somebody interrupted it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class CommandError(Exception):
    """Raised when a command can't do what it was asked for. Doing what the message says can help."""

    status = 1


class UsageError(CommandError):
    """Raised for arguments that make no sense, which only other arguments can mend."""

    status = 2


class StoreFailed(CommandError):
    """Raised when a command of the store on this machine ended without an answer. The message is its last error."""


class StoreError(CommandError):
    """Raised when a store does not answer, or refuses the key. Trying again later can help."""

    status = 3


class StoreAway(StoreError):
    """Raised when a store can't answer now. Sending the same again helps, after `pause` seconds where it names them."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


class InputError(UsageError):
    """Raised for an input that a tool does not take, with a sentence for each flag. Other values can help."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        lines = [f"{flag}: {problem}" for flag, problem in problems.items()]
        super().__init__(lines[0] if len(lines) == 1 else "\n  ".join(["These inputs do not fit:", *lines]))


class BundleRefusedError(CommandError):
    """Raised when a store does not take a bundle, with a line for each problem. Mending them helps."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n  ".join([f"The store refuses the bundle. Problems: {len(problems)}", *problems]))


class OutputChanged(CommandError):
    """Raised when a run wrote another text than what a pipe was given already. Its whole output is in the store."""


class JobFailed(CommandError):
    """Raised when a job ended without success. Running the tool again can help, depending on the message."""


class JobCanceled(CommandError):
    """Raised when a job was canceled, by whomever. Running the tool again can help."""

    status = 130
