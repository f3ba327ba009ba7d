class ReleaseError(Exception):
    """Raised when a change of releases is refused. The message says why and what to do."""


class BundleRefused(ReleaseError):
    """Raised when the store does not take a bundle. A retry helps only with another bundle."""


class UntrustedRelease(ReleaseError):
    """Raised when no trusted key of a store vouches for a release. Nothing of it may run."""


class UnknownVersion(ReleaseError):
    """Raised when the fleet does not have a version of a tool that a run named. The message says which it has."""
