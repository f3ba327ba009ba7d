"""Records each tool of a project, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from gptstore.sdk.exit_status import describe_status
from gptstore.sdk.manifest import Manifest
from gptstore.sdk.project.describe import START_SECONDS
from gptstore.sdk.project.process import run_module
from gptstore.sdk.project.project import Project
from gptstore.sdk.recording.observed import Observed

MODULE = "gptstore.sdk.recording.record_tool"


def record_project(project: Project, manifest: Manifest, seconds: float) -> Iterator[Observed]:
    """Yield what was observed of each tool. seconds: how long an example may take."""
    for tool in manifest.tools:
        if not tool.examples:
            yield Observed(tool=tool.slug, error="it has no example to run")
            continue
        bound = seconds * len(tool.examples) + START_SECONDS
        ending = run_module(MODULE, project, tool.slug, seconds=bound)
        try:
            yield Observed.model_validate_json(ending.answer)
        except ValidationError:
            said = describe_status(ending.status) if ending.status is not None else "they did not end in time"
            yield Observed(tool=tool.slug, error=f"its examples can't be recorded: {said}")
