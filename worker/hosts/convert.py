"""Converts a tool's request to the model into the engine's types."""

import json
from collections.abc import Sequence

from gptstore.sdk import Message
from gptstore.sdk.call import Call
from worker.engine import protocol
from worker.engine.params import SamplingParams
from worker.engine.protocol import Prompt


def as_prompt(prompt: str | Sequence[Message]) -> Prompt:
    if isinstance(prompt, str):
        return prompt
    return tuple(protocol.Message(message["role"], message["content"]) for message in prompt)


def as_params(call: Call) -> SamplingParams:
    """Convert the sampling parameters. Raises EngineError for values that make no sense."""
    schema = None if call.schema is None else json.dumps(call.schema)
    return SamplingParams(**call.given, schema=schema, choices=call.choices)
