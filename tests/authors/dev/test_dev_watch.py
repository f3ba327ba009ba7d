"""`gptstore dev --watch`: a run on every save."""

import signal
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from gptstore.sdk.cli.files import KeptFiles
from harness.waiting import wait_until
from tests.authors.client.command import Gptstore, Terminal
from tests.authors.dev.project import body_of, write_asker

WATCH = ("dev", "asker", "--watch", "--model", "answers.txt", "--text", "Hello")
WAITING = "Waiting for a save"


def wait_for_runs(terminal: Terminal, text: str, count: int) -> None:
    wait_until(lambda: terminal.text.count(text) == count, lambda: f"{count} × {text!r} in {terminal.text!r}")


def test_a_save_runs_the_tool_again_with_the_same_input(asker: Path, gptstore: Gptstore) -> None:
    with gptstore.terminal(*WATCH) as terminal:
        terminal.wait_for(WAITING)
        write_asker(asker, body_of('yield f"again: {text}"'))
        terminal.wait_for("again: Hello\n")
        wait_for_runs(terminal, WAITING, 2)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130

    assert "Good morning." in terminal.text
    assert terminal.text.count("sandbox") == 1


def test_a_broken_save_is_one_line_and_the_next_one_runs(asker: Path, gptstore: Gptstore) -> None:
    with gptstore.terminal(*WATCH) as terminal:
        terminal.wait_for(WAITING)
        (asker / "acme_asker.py").write_text("def broken(:\n")
        terminal.wait_for("asker/acme_asker.py:1: ")
        wait_for_runs(terminal, WAITING, 2)
        write_asker(asker, body_of('yield "mended"'))
        terminal.wait_for("mended")


def test_a_save_ends_a_run_that_is_not_over(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.05)'))

    with gptstore.terminal(*WATCH) as terminal:
        terminal.wait_for("slow")
        write_asker(asker, body_of('yield "fast"'))
        terminal.wait_for("fast")
        terminal.wait_for(WAITING)


def test_a_failed_run_waits_for_the_next_save(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of('yield ""\nraise ToolError("No luck.")'))

    with gptstore.terminal(*WATCH) as terminal:
        terminal.wait_for("No luck. (tool_error)")
        terminal.wait_for(WAITING)
        write_asker(asker, body_of('yield "luck"'))
        terminal.wait_for("luck\n")


def test_an_output_in_the_folder_is_no_save(asker: Path, gptstore: Gptstore) -> None:
    with gptstore.terminal(*WATCH, "-o", "asker/out.txt") as terminal:
        terminal.wait_for(WAITING)
        assert (asker / "out.txt").read_text() == "Good morning."
        (asker / "notes.md").write_text("no code")
        write_asker(asker, body_of('print("ran again")\nyield "changed"'))
        terminal.wait_for("ran again")
        wait_for_runs(terminal, WAITING, 2)


def test_a_pipe_is_read_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"from a pipe")))
    files = KeptFiles()

    for _run in range(2):
        files.begin()
        assert files.data("-") == b"from a pipe"
