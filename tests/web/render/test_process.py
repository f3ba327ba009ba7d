"""The process that renders: it comes when it is needed, never stays behind, and nobody waits for it without end."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from gptstore.sdk.render import process as module
from gptstore.sdk.render.errors import RenderBusy, RenderFailed
from gptstore.sdk.render.messages import RenderRequest
from gptstore.sdk.render.process import RenderProcess
from harness.process import ROOT
from harness.waiting import wait_until

TEXT = RenderRequest("markdown", "*a*")
Make = Callable[..., RenderProcess]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[RenderProcess] = []

    def make(script: str = "", **values: float) -> RenderProcess:
        command = (sys.executable, "-c", script) if script else module.COMMAND
        made.append(RenderProcess(command, **values))
        return made[-1]

    yield make
    for process in made:
        process.stop()


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_it_starts_with_the_first_text(make: Make) -> None:
    process = make()
    assert process.pid is None
    assert "<em>a</em>" in process.render(TEXT)
    first = process.pid
    process.render(TEXT)
    assert process.pid == first


def test_it_is_back_after_it_was_killed(make: Make) -> None:
    process = make()
    process.render(TEXT)
    first = process.pid
    assert first
    os.kill(first, signal.SIGKILL)

    assert "<em>a</em>" in process.render(TEXT)
    assert process.pid != first


@pytest.mark.parametrize(
    "script",
    [
        "import time; time.sleep(600)",
        "import socket, time; socket.socket(fileno=0).sendall(b'half'); time.sleep(600)",
    ],
    ids=["never reads", "never ends"],
)
@pytest.mark.parametrize("text", ["short", "x" * 3_000_000])
def test_one_that_hangs_is_killed(make: Make, script: str, text: str) -> None:
    process = make(script, deadline_seconds=0.5)

    with pytest.raises(RenderFailed):
        process.render(RenderRequest("markdown", text))

    assert process.pid is None


def test_one_that_dies_of_a_text_is_not_asked_without_end(make: Make) -> None:
    with pytest.raises(RenderFailed):
        make("raise SystemExit(1)").render(TEXT)


def test_nobody_waits_for_others_without_end(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    process, held, done = make(), threading.Event(), threading.Event()

    def hold() -> None:
        with process.turn():
            held.set()
            done.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(60)
    with pytest.raises(RenderBusy), process.turn():
        pass
    done.set()
    other.join()
    with process.turn():
        pass


def test_it_gets_no_secret(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTSTORE_SECRET_KEY", "swordfish")
    process = make()
    process.render(TEXT)
    with open(f"/proc/{process.pid}/environ") as environment:
        assert "swordfish" not in environment.read()


@pytest.mark.parametrize("text", ["'*a*'", "'a**b' * 50_000"], ids=["idle", "at work"])
def test_it_ends_with_the_process_that_started_it_even_if_that_is_killed(text: str) -> None:
    # Given a process that renders, and tells who does it for it
    code = f"""
import os, threading
from gptstore.sdk.render.messages import RenderRequest
from gptstore.sdk.render.process import RenderProcess
process = RenderProcess()
process.render(RenderRequest("markdown", "first"))
threading.Thread(target=process.render, args=[RenderRequest("markdown", {text})]).start()
print(process.pid, flush=True)
threading.Event().wait()
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    # When it is killed
    parent.kill()
    parent.communicate()
    # Then the other is gone soon
    wait_until(lambda: not is_running(pid), "the end of the process that renders")


def test_it_loads_nothing_of_the_site() -> None:
    code = "import sys, gptstore.sdk.render.__main__; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"django", "redis", "structlog"} & set(done.stdout.splitlines())
