"""What can go wrong in a benchmark."""


class NotMeasured(Exception):
    """Raised when something can't be measured. The message says why; what does not depend on it goes on."""
