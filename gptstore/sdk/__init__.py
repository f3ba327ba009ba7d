"""All that the author of a tool imports. Each name is loaded when it is first asked for, so that a command of
`gptstore` starts without those that it does not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from gptstore.sdk.logprobs import TokenLogprob
    from gptstore.sdk.manifest import Manifest, ToolManifest
    from gptstore.sdk.messages import LastRole, Messages
    from gptstore.sdk.model import Message, Model, Sampling
    from gptstore.sdk.prompt import PromptTemplate
    from gptstore.sdk.rows import Columns
    from gptstore.sdk.table import Table
    from gptstore.sdk.tools import Tool, tool
else:
    _NAMES = {
        "context": ["Context"],
        "declaration": ["Example"],
        "document": ["Document"],
        "errors": [
            "AnswerError",
            "Canceled",
            "DocumentError",
            "InputError",
            "ParameterError",
            "PluginError",
            "ToolDefinitionError",
            "ToolError",
            "ToolOutputError",
        ],
        "field": ["Field", "LongText"],
        "file": ["File"],
        "hookspecs": ["hookimpl", "hookspec"],
        "logprobs": ["TokenLogprob"],
        "manifest": ["Manifest", "ToolManifest"],
        "messages": ["LastRole", "Messages"],
        "model": ["Message", "Model", "Sampling"],
        "prompt": ["PromptTemplate"],
        "rows": ["Columns"],
        "table": ["Table"],
        "tools": ["Tool", "tool"],
    }
    _MODULES = {name: module for module, names in _NAMES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name == "md":
            return import_module("gptstore.sdk.md")
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"gptstore.sdk.{_MODULES[name]}"), name)
        return globals().setdefault(name, value)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


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
    "TokenLogprob",
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
