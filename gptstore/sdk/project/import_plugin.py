"""`python -m gptstore.sdk.project.import_plugin FOLDER SECONDS`: imports a project's plugin and prints its description.

Where the import ends the process or does not end, the stack of the plugin goes to stderr.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from gptstore.sdk.describe import print_description
from gptstore.sdk.load_failure import describe_failure
from gptstore.sdk.plugins import LoadedPlugin
from gptstore.sdk.project.description import Description
from gptstore.sdk.project.load import load_project
from gptstore.sdk.project.memory import peak_memory
from gptstore.sdk.project.project import Project
from gptstore.sdk.project.reading import read_project


def import_project(project: Project) -> tuple[Description, LoadedPlugin | None]:
    """Import the plugin into this process, and measure that. Return what was found, and the plugin where it works."""
    known, memory, started = {*sys.modules}, peak_memory(), time.perf_counter()
    found, plugin = Description(), None
    try:
        plugin = load_project(project)
    except (Exception, SystemExit) as error:
        found.problem, found.details = describe_failure(error, project.folder), traceback.format_exc()
    else:
        found.manifest = plugin.manifest
        codes = {tool.slug: tool.function.__code__ for tool in plugin.tools}
        found.lines = {slug: (code.co_filename, code.co_firstlineno) for slug, code in codes.items()}
    found.seconds = time.perf_counter() - started
    found.memory = max(0, peak_memory() - memory)
    found.threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    found.loaded = sorted({*sys.modules} - known)
    return found, plugin


@contextmanager
def stacks_shown(seconds: float) -> Iterator[None]:
    """Have the stack printed when the process crashes or is ended meanwhile. After so many seconds it ends, too."""
    end = os._exit

    def end_noted(status: int) -> NoReturn:
        faulthandler.dump_traceback()
        end(status)

    faulthandler.enable()
    faulthandler.dump_traceback_later(seconds, exit=True)
    os._exit = end_noted
    try:
        yield
    finally:
        os._exit = end
        faulthandler.cancel_dump_traceback_later()


def main() -> None:
    project, seconds = read_project(Path(sys.argv[1])), float(sys.argv[2])

    def answer() -> dict[str, Any]:
        with stacks_shown(seconds):
            return import_project(project)[0].model_dump(mode="json")

    print_description(answer)


if __name__ == "__main__":
    main()
