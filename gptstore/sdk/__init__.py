"""All that the author of a tool imports."""

from gptstore.sdk import md
from gptstore.sdk.context import Context
from gptstore.sdk.declaration import Example
from gptstore.sdk.document import Document
from gptstore.sdk.errors import (
    AnswerError,
    Canceled,
    DocumentError,
    InputError,
    ParameterError,
    PluginError,
    ToolDefinitionError,
    ToolError,
    ToolOutputError,
)
from gptstore.sdk.field import Field, LongText
from gptstore.sdk.file import File
from gptstore.sdk.hookspecs import hookimpl, hookspec
from gptstore.sdk.manifest import Manifest, ToolManifest
from gptstore.sdk.messages import LastRole, Messages
from gptstore.sdk.model import Message, Model, Sampling
from gptstore.sdk.prompt import PromptTemplate
from gptstore.sdk.rows import Columns
from gptstore.sdk.table import Table
from gptstore.sdk.tool import Tool, tool

__all__ = [
    "AnswerError",
    "Canceled",
    "Columns",
    "Context",
    "Document",
    "DocumentError",
    "Example",
    "Field",
    "File",
    "InputError",
    "LastRole",
    "LongText",
    "Manifest",
    "Message",
    "Messages",
    "Model",
    "ParameterError",
    "PluginError",
    "PromptTemplate",
    "Sampling",
    "Table",
    "Tool",
    "ToolDefinitionError",
    "ToolError",
    "ToolManifest",
    "ToolOutputError",
    "hookimpl",
    "hookspec",
    "md",
    "tool",
]
