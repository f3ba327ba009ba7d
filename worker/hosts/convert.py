"""Converts what comes from plugins: requests to the model into the engine's types, messages into ones to store."""

import json
from collections.abc import Sequence

from gptstore.sdk import Message
from gptstore.sdk.call import Call
from gptstore.sdk.text import storable
from worker.engine import protocol
from worker.engine.params import SamplingParams
from worker.engine.protocol import Prompt

MAX_MESSAGE = 2000


def as_prompt(prompt: str | Sequence[Message]) -> Prompt:
    if isinstance(prompt, str):
        return prompt
    return tuple(protocol.Message(message["role"], message["content"]) for message in prompt)


def as_params(call: Call) -> SamplingParams:
    """Convert the sampling parameters. Raises EngineError for values that make no sense."""
    schema = None if call.schema is None else json.dumps(call.schema)
    return SamplingParams(**call.given, schema=schema, choices=call.choices)


def as_message(text: object) -> str:
    """Return one message for a person, whatever the plugin gave: a text that can be stored, and not too long."""
    message = storable(str(text)).strip()
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
