"""The exceptions of the SDK, and the errors of an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict


class ToolError(Exception):
    """Raised by a tool when it can't do its work; the message is shown to the person who ran it.

    The job ends as failed with the code `tool_error`. Trying again with the same input won't help.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DocumentError(ToolError):
    """Raised by `document.text`, `document.pages` and `table.rows` when the file can't be read; the message says why.

    Where a tool doesn't catch it, the job fails as with any ToolError. The same file fails again.
    """


class ParameterError(ValueError):
    """Raised when a call gives the model a prompt, a sampling parameter or a schema that makes no sense.

    The message names it. It is a bug of the tool, and the same call fails again: the job ends as failed with the code
    `bad_request`.
    """


class AnswerError(ToolError):
    """Raised by `ctx.model.parse` and `ctx.model.choose` when the answer was cut off or does not fit.

    `answer` is the model's text. The message gives advice, mostly to raise `max_tokens`. Asking again may help
    when the temperature is above 0. Where a tool doesn't catch it, the job fails as with any ToolError.
    """

    def __init__(self, message: str, answer: str) -> None:
        super().__init__(message)
        self.answer = answer


class Canceled(BaseException):
    """Raised by `ctx.model`, `ctx.progress` and `ctx.log` once the job was canceled, or went over one of its limits.

    It derives from BaseException so that a tool's `except Exception` doesn't swallow it. Clean up in `finally`
    and let it pass.
    """


class FieldError(TypedDict):
    """The error of one input.

    field: the input's name, or "" when the whole input is wrong.
    message: a sentence for the person. code: the rule that is broken, mostly a keyword of JSON Schema.
    """

    field: str
    message: str
    code: str


class InputError(Exception):
    """Raised when an input doesn't fit the tool's inputs; `errors` has advice for each wrong field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors: list[FieldError] = list(errors)
        super().__init__("; ".join(_as_text(error) for error in self.errors))


def _as_text(error: FieldError) -> str:
    return f"{error['field']}: {error['message']}" if error["field"] else error["message"]


class ToolOutputError(Exception):
    """Raised when a tool gives something else than text, an iterator of text or a pydantic model: a bug of the tool."""


class DefinitionError(Exception):
    """Raised for a plugin that is not as a store takes it. Only another version of the plugin can help.

    problem: what is wrong. mend: what to do about it; the message has both. rule: the rule that is broken.
    """

    def __init__(self, problem: str, mend: str = "", rule: str = "") -> None:
        super().__init__("; ".join(filter(None, [problem, mend])))
        self.problem, self.mend, self.rule = problem, mend, rule


class ToolDefinitionError(DefinitionError):
    """Raised by `@tool` when a declaration isn't supported; the message names tool, parameter and alternatives."""


class Unsupported(Exception):
    """Raised when no form and no JSON Schema can be made of a parameter; the message gives the reason."""


class UnsupportedType(Unsupported):
    """Raised when a parameter's type isn't supported, so that a list of the supported ones helps."""


class PluginError(DefinitionError):
    """Raised when a plugin can't be used: it doesn't import, implements no hook, or its hook returns no tools."""
