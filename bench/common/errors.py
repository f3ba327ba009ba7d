"""The error of a benchmark that cannot measure something."""


class NotMeasured(Exception):
    """Raised when something can't be measured. The message gives the reason; independent measurements go on."""
