"""The messages between the command, the process of a plugin, and that of a model: a worker's, and one before them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from gptstore.sdk.host import messages
from gptstore.sdk.host.messages import HostMessage
from gptstore.sdk.project.description import Description


class Described(HostMessage):
    """To the command: what was found of the plugin. The first message; after it, the process waits for `start`."""

    kind: Literal["described"] = "described"
    description: Description


class ModelLoaded(HostMessage):
    """To the command: the model is there, and takes `generate`, `count`, `score` and `close`. The first message.

    error: why it could not be loaded.
    """

    kind: Literal["loaded"] = "loaded"
    model: str = ""
    context_length: int = 0
    is_chat: bool = False
    error: str = ""


from_plugin: TypeAdapter[Any] = TypeAdapter(
    Annotated[Described | messages.ToWorker, Field(discriminator="kind")], config=messages.KEEPS_NAMES_ONLY
)

from_model: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        ModelLoaded | messages.Text | messages.Done | messages.Answer | messages.Refused, Field(discriminator="kind")
    ],
    config=messages.KEEPS_NAMES_ONLY,
)
