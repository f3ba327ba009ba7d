"""Checks whether a prompt is one that this kind of model can take at all."""

from gptstore.sdk import parameters
from gptstore.sdk.errors import ParameterError
from worker.engine.errors import BadRequest
from worker.engine.protocol import Prompt


def check_prompt(prompt: Prompt, *, is_chat: bool) -> None:
    """Check it as the SDK does, and that it is no list of messages for a base model. Raises BadRequest."""
    if not isinstance(prompt, str) and not is_chat:
        raise BadRequest("This model takes plain text only: it has no chat template for messages.")
    try:
        parameters.check_prompt(
            prompt if isinstance(prompt, str) else [{"role": one.role, "content": one.content} for one in prompt]
        )
    except ParameterError as error:
        raise BadRequest(str(error)) from None
