"""What gptstore loads: the entry point `gptstore` in pyproject.toml names this module."""

from gptstore.sdk import Tool, hookimpl
from gptstore_summarizer.summarize import summarize


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [summarize]
