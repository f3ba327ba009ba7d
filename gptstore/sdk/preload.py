"""Imports what reads files before a plugin's process is forked, so that no job pays for it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

from gptstore.sdk.tools import Tool

_OWN = "gptstore.sdk"
_TABLE = ("charset_normalizer", f"{_OWN}.plain_text")
_MODULES = {
    "document": (*_TABLE, "pypdfium2", f"{_OWN}.pdf", f"{_OWN}.docx", f"{_OWN}.html"),
    "table": _TABLE,
}


def preload(tools: Iterable[Tool]) -> None:
    """Import what these tools need for their inputs; a library that is missing is told of when a file needs it."""
    kinds = {parameter.kind for tool in tools for parameter in tool.parameters}
    for kind, modules in _MODULES.items():
        for module in modules if kind in kinds else ():
            with suppress(ImportError):
                import_module(module)
