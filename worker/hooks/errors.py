"""The errors of operator hooks."""


class HooksNotLoaded(Exception):
    """Raised when a hook that a setting names is not installed or cannot be used. The message is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(Exception):
    """Raised when a filter refused a text. The same text is refused again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HookFailed(Exception):
    """Raised when a filter could not decide about a text because of a fault of its own. A retry may help."""

    def __init__(self, hook: str) -> None:
        super().__init__(hook)
        self.hook = hook
