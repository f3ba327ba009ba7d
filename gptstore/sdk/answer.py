"""Answers: with the thoughts before them, and in a form (structured output), by a JSON Schema and a parser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gptstore.sdk.errors import AnswerError
from gptstore.sdk.logprobs import TokenLogprob

T = TypeVar("T", bound=BaseModel)

_FORMATS = {"date", "date-time", "duration", "email", "ipv4", "ipv6", "time", "uri", "uuid"}
_CUT_OFF = "json_invalid"


class Answer(str):
    """A whole answer: a text, with what the model thought before it.

    thoughts: "" unless the model was asked for `thinking=True` and can think.
    logprobs: of the answer's tokens, where they were asked for. The last token may go beyond the text, where a stop
        string cut it.
    """

    thoughts: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()


class Thoughts(str):
    """A piece of a model's thoughts, among the pieces of its answer."""


class Piece(str):
    """A piece of an answer with the log-probabilities of its tokens, which a store keeps when a tool puts it out."""

    logprobs: tuple[TokenLogprob, ...] = ()


def with_logprobs(text: str, logprobs: Sequence[TokenLogprob]) -> str:
    """Return the text as a piece with these, if there are any."""
    if not logprobs:
        return text
    piece = Piece(text)
    piece.logprobs = tuple(logprobs)
    return piece


def logprobs_of(text: str) -> tuple[TokenLogprob, ...]:
    """Return the log-probabilities that a piece or an answer has; none of any other text."""
    found: tuple[TokenLogprob, ...] = getattr(text, "logprobs", ())
    return found


class AnswerStream(Iterator[str]):
    """The pieces of an answer, as they are made: texts, which have `logprobs` as `Answer` where they were asked for.

    thoughts: what the model has thought so far, before its answer; "" as in `Answer`.
    """

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.thoughts = ""

    def __next__(self) -> str:
        while isinstance(piece := next(self._pieces), Thoughts):
            self.thoughts += piece
        return piece

    def whole(self) -> Answer:
        """Wait for the rest of the answer and return it."""
        pieces = [*self]
        answer = Answer("".join(pieces))
        answer.logprobs = tuple(chain.from_iterable(map(logprobs_of, pieces)))
        answer.thoughts = self.thoughts.strip()
        return answer

    def start(self) -> None:
        """Have the model begin with the answer before its first piece is asked for, where the host can."""
        if (start := getattr(self._pieces, "start", None)) is not None:
            start()

    def forward(self) -> None:
        """Let the worker output the rest of the answer, where it can."""
        if (forward := getattr(self._pieces, "forward", None)) is not None:
            forward()

    def close(self) -> None:
        """End the answer: the model makes no more of it."""
        if (close := getattr(self._pieces, "close", None)) is not None:
            close()


def answer_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a pydantic model, less rules that no grammar can express: pydantic checks them."""
    schema: dict[str, Any] = _loosen(kind.model_json_schema())
    return schema


def read_answer(kind: type[T], text: str) -> T:
    """Parse the answer. Raises AnswerError when the text is no JSON of this kind, often since it was cut off."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        if problem["type"] == _CUT_OFF:
            message = f"The model's answer ended before its {kind.__name__} was complete: raise max_tokens."
        else:
            place = ".".join(map(str, problem["loc"])) or "the whole"
            message = f"The model's answer is no valid {kind.__name__}: {place}: {problem['msg']}."
        raise AnswerError(message, text) from error


def read_choice(choices: Sequence[str], text: str) -> str:
    """Return the choice that was made. Raises AnswerError when the text is none of them, often since it was cut off."""
    if text in choices:
        return text
    for choice in choices:
        if choice.strip() == text.strip():  # some tokenizers drop the space at the start of a text
            return choice
    raise AnswerError("The model's answer ended before it was one of the choices: raise max_tokens.", text)


def _loosen(value: Any) -> Any:
    if isinstance(value, list):
        return [_loosen(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {key: _loosen(inner) for key, inner in value.items() if not _is_beyond_grammars(key, inner)}


def _is_beyond_grammars(key: str, value: Any) -> bool:
    """Return whether it is a keyword; a property of that name, which is kept, has an object for its schema."""
    if key == "uniqueItems":
        return isinstance(value, bool)
    return key == "format" and isinstance(value, str) and value not in _FORMATS
