"""What a process of its own finds out about a project: the plugin's manifest, or why there is none."""

from __future__ import annotations

from pydantic import BaseModel

from gptstore.sdk.manifest import Manifest
from gptstore.sdk.problem import Problem


class Description(BaseModel):
    """A plugin that was imported, or that could not be.

    seconds: from the start of its import to its list of tools. memory: bytes that it took meanwhile, at the most.
    threads: names of those that it left running. loaded: the names of all modules that it imported.
    printed: bytes that it wrote to stdout and stderr; details: the text of it, and the traceback of what it raised.
    lines: for each tool, by slug, the file and the line of its function.
    """

    manifest: Manifest | None = None
    problem: Problem | None = None
    details: str = ""
    printed: int = 0
    seconds: float = 0.0
    memory: int = 0
    threads: list[str] = []
    loaded: list[str] = []
    lines: dict[str, tuple[str, int]] = {}
