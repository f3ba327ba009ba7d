"""The errors of describing."""


class NotDescribed(Exception):
    """Raised when a plugin did not describe itself; the message says why, for its author. A retry hardly helps."""
