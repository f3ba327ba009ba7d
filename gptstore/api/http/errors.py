"""What every API refuses alike."""


class BadBody(Exception):
    """Raised when a body is not JSON that can be stored and sent on. A retry needs another body.

    status: 415 for another media type, 400 for all else.
    """

    def __init__(self, detail: str, status: int = 400) -> None:
        self.detail = detail
        self.status = status
        super().__init__(detail)
