"""The errors of releases."""


class ReleaseError(Exception):
    """Raised when a release's folder or its environment is not as it has to be. Only another release can help."""
