"""`python -m gptstore.sdk.recording.record_tool FOLDER SLUG`: runs a tool's examples and prints what it observed.

The examples run one after the other, in the main thread, as in a worker; who starts this ends it where it takes long.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gptstore.sdk.describe import print_description
from gptstore.sdk.project.load import load_project
from gptstore.sdk.project.reading import read_project
from gptstore.sdk.recording.audit_hook import AuditHook
from gptstore.sdk.recording.counting_model import CountingModel
from gptstore.sdk.recording.memory_meter import MemoryMeter
from gptstore.sdk.recording.observed import Observed
from gptstore.sdk.testing import run
from gptstore.sdk.texts import base_text
from gptstore.sdk.tools import Tool


def record_tool(tool: Tool, hook: AuditHook) -> Observed:
    """Run all examples of the tool and return what they took."""
    found, meter = Observed(tool=tool.slug), MemoryMeter()
    meter.begin()
    for example in tool.examples:
        model, began = CountingModel(tool.output), time.perf_counter()
        hook.begin()
        try:
            run(tool, example.input, model=model)
        except BaseException as error:
            said = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
            found.error = found.error or f"the example {base_text(example.title)!r} fails: {said}"
        finally:
            hook.end()
        found.examples += 1
        found.seconds = max(found.seconds, time.perf_counter() - began)
        found.prompt_tokens = max(found.prompt_tokens, model.prompt_tokens)
        found.answer_tokens = max(found.answer_tokens, model.answer_tokens)
        found.is_unbounded |= model.is_unbounded
    found.memory = meter.end()
    found.hosts, found.written, found.programs = [*hook.hosts], [*hook.written], [*hook.programs]
    return found


def main() -> None:
    project, slug = read_project(Path(sys.argv[1])), sys.argv[2]
    folder = os.environ["HOME"] = os.environ["TMPDIR"] = os.getcwd()  # as in a worker, which gives each run a folder
    tempfile.tempdir = None

    def answer() -> dict[str, Any]:
        hook = AuditHook(folder)
        tool = next(tool for tool in load_project(project).tools if tool.slug == slug)
        hook.install()
        return record_tool(tool, hook).model_dump(mode="json")

    print_description(answer)


if __name__ == "__main__":
    main()
