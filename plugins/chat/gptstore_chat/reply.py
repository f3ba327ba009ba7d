"""Asks the model for the next message of a conversation, as the kind of the model allows."""

from collections.abc import Iterator, Sequence
from typing import Any, Unpack

from gptstore.sdk import Message, Model, Sampling
from gptstore.sdk.answer import AnswerStream
from gptstore.sdk.call import Prompt, make_call
from gptstore.sdk.pieces import strip_pieces
from gptstore_chat.prompts import STOPS, transcript


def stream_reply(
    model: Model, messages: Sequence[Message], schema: dict[str, Any] | None, **params: Unpack[Sampling]
) -> Iterator[str]:
    """Stream the next message as it comes. schema: the JSON Schema that it has to fit; None: it is free text."""
    if model.is_chat:
        yield from ask(model, [*messages], schema, params)
        return
    if schema is None:
        params["stop"] = [*(params.get("stop") or ()), *STOPS]
    yield from strip_pieces(ask(model, transcript(messages), schema, params))


def ask(model: Model, prompt: Prompt, schema: dict[str, Any] | None, params: Sampling) -> AnswerStream:
    """Ask for an answer that fits a JSON Schema; `Model.parse` is for one whose fields a tool knows."""
    return AnswerStream(model.answer(make_call(prompt, params, schema=schema)))
