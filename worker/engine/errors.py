"""The errors of an engine: one class for each, with a code and whether a retry can help."""


class EngineError(Exception):
    """Raised when a request failed inside the engine for a reason that has no class of its own.

    A retry may help. The message can be shown to a user.
    """

    code = "engine_error"
    retryable = True

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(EngineError):
    """Raised when a prompt or a sampling parameter makes no sense. The same request fails again."""

    code = "bad_request"
    retryable = False


class GrammarTooHard(BadRequest):
    """Raised when a schema takes too much time or memory to compile, or to follow. The same schema fails again."""

    def __init__(self, limit: str) -> None:
        super().__init__(
            f"The schema takes {limit}, the limit here. Make its patterns and lengths simpler, or use fewer of them."
        )


class PromptTooLong(EngineError):
    """Raised when the prompt leaves no room for an answer in the model's context. The same request fails again."""

    code = "prompt_too_long"
    retryable = False

    def __init__(self, prompt_tokens: int, context_length: int) -> None:
        super().__init__(
            f"The prompt has {prompt_tokens} tokens, but the model's context holds {context_length}, answer included."
        )
        self.prompt_tokens = prompt_tokens
        self.context_length = context_length


class TextTooLong(EngineError):
    """Raised when a text is too long to be tokenized at all. The same text fails again; a part of it may not."""

    code = "prompt_too_long"
    retryable = False

    def __init__(self, size: str, limit: str) -> None:
        super().__init__(f"{size}, but at most {limit}. Use a part of it.")


class OutOfMemory(EngineError):
    """Raised when a request needed more memory than the device has left. A retry may help when others have ended."""

    code = "out_of_memory"
    retryable = True


class EngineStopped(EngineError):
    """Raised for every request that an engine could not finish because it was closed. Another worker can run it."""

    code = "engine_stopped"
    retryable = True

    def __init__(self, message: str = "The engine was stopped before the request was finished.") -> None:
        super().__init__(message)


class ModelLoadError(EngineError):
    """Raised when a model can't be loaded. The message says what to do; a retry without doing it fails again."""

    code = "model_load_error"
    retryable = False


class DeadlineExceeded(EngineError):
    """Raised when a request was not finished in the time that it was given. A retry with more time may help."""

    code = "deadline_exceeded"
    retryable = True

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"The model had {timeout_s:g} seconds for this request, and they are over.")


class RemoteUnavailable(EngineError):
    """Raised when the server that runs the model can't be reached, rejects requests or breaks off. A retry may help."""

    code = "remote_unavailable"
    retryable = True


class UnsupportedAttention(Exception):
    """Raised when a model's attention can't be replaced by ours without changing its output.

    Loading it again fails again. Users see a ModelLoadError instead.
    """


def first_line(error: Exception) -> str:
    """Return the first line of an error's text, or its name where it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
