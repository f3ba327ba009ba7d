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


class Import(HostMessage):
    """To the plugin's process: import the project in this folder, in so many seconds. The first message."""

    kind: Literal["import"] = "import"
    folder: str
    seconds: float


class Check(HostMessage):
    """To the plugin's process: check this input of a tool. Before `start`, as often as there is one.

    language: of the sentences in the answer, as `translation_into` takes it.
    """

    kind: Literal["check"] = "check"
    tool: str
    input: dict[str, Any]
    language: str = ""


class Checked(HostMessage):
    """To the command: the errors of the input, one for each wrong field, as `InputError` has them."""

    kind: Literal["checked"] = "checked"
    errors: list[dict[str, str]]


to_plugin: TypeAdapter[Any] = TypeAdapter(
    Annotated[Import | Check | messages.ToChild, Field(discriminator="kind")], config=messages.KEEPS_NAMES_ONLY
)

from_plugin: TypeAdapter[Any] = TypeAdapter(
    Annotated[Described | Checked | messages.ToWorker, Field(discriminator="kind")], config=messages.KEEPS_NAMES_ONLY
)

from_model: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        ModelLoaded | messages.Text | messages.Done | messages.Answer | messages.Refused, Field(discriminator="kind")
    ],
    config=messages.KEEPS_NAMES_ONLY,
)
