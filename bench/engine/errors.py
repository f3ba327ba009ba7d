"""What can go wrong in a benchmark."""


class NotMeasured(Exception):
    """Raised when a row can't be measured. The message says why; the other rows go on."""
