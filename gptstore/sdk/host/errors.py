"""The exceptions of the host."""


class BadMessage(Exception):
    """Raised for a message that is none of the protocol's, or too long. Its sender cannot be trusted with the rest."""


class ModelRefused(Exception):
    """Raised by the model's methods when it could not answer; `code` is the reason. A retry may help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
