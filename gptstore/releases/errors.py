from collections.abc import Sequence

from gptstore.sdk.problem import Problem


class ReleaseError(Exception):
    """Raised when a change of releases is refused. The message says why and what to do."""


class BundleRefused(ReleaseError):
    """Raised when the store does not take a bundle. A retry helps only with another bundle.

    problems: all that was found, each with its place and what to do.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class UntrustedRelease(ReleaseError):
    """Raised when no trusted key of a store vouches for a release. Nothing of it may run."""


class UnknownVersion(ReleaseError):
    """Raised when the fleet does not have a version of a tool that a run named. The message says which it has."""


class BundleStorageError(ReleaseError):
    """Raised when the storage of bundles fails. A retry may help; the message says what to look at."""
