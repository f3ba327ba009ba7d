"""The process that imports a plugin and runs one of its tools."""

import time
from pathlib import Path
from typing import IO

import pytest

from gptstore.sdk.dev.tool_process import ToolProcess, WaitingProcess, alive
from gptstore.sdk.dev.tool_run import ToolRun
from gptstore.sdk.intake.example_answers import ExampleModel
from gptstore.sdk.project.reading import read_project
from tests.authors.dev.project import body_of, write_asker


def test_a_process_that_ended_while_it_waited_is_replaced() -> None:
    ended = WaitingProcess()
    ended.process.kill()
    ended.process.wait()

    other = alive(ended, None)
    same = alive(other, None)
    other.close()

    assert other is not ended
    assert same is other


def test_what_is_read_late_is_still_part_of_the_run(asker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_lines = ToolProcess._read_lines

    def read_late(process: ToolProcess, stream: IO[bytes]) -> None:
        time.sleep(1.2)  # longer than the tool takes
        read_lines(process, stream)

    monkeypatch.setattr(ToolProcess, "_read_lines", read_late)
    write_asker(asker, body_of('print("the last words")\nyield "done"'))

    with ToolProcess(read_project(asker)) as process:
        [tool] = process.describe().manifest.tools  # type: ignore[union-attr]
        time.sleep(0.2)
        events = [*ToolRun(process, tool, {"text": "Hello"}, ExampleModel(tool.output))]

    assert [event.name for event in events] == ["started", "output", "printed", "finished"]
    assert events[2].data == {"message": "the last words"}
