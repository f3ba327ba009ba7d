"""What gptstore loads: the entry point `gptstore` in pyproject.toml names this module."""

from gptstore.sdk import Tool, hookimpl
from gptstore_code_writer.write_code import write_code


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [write_code]
