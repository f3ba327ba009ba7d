"""What plugins write to stderr goes to the log, where it can pass for nothing else, and no more than its bounds."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from harness.plugins import HOSTILE
from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.sandbox import stderr_log
from worker.hosts.sandbox.sandbox import Sandbox
from worker.hosts.sandbox.stderr_log import MAX_LINE, MAX_LINES_OF_A_RUN, MinuteQuota, StderrLog, escape
from worker.hosts.sandbox.stderr_pipe import StderrPipe

landlock = pytest.mark.landlock


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The events of plugins' stderr."""
    events: list[dict[str, Any]] = []

    def keep(_: object, __: str, event: Any) -> Any:
        events.append(dict(event))
        raise structlog.DropEvent

    monkeypatch.setattr(stderr_log, "log", structlog.wrap_logger(None, processors=[keep]))
    return events


def feed(data: bytes, **bounds: Any) -> None:
    log = StderrLog(MinuteQuota(), plugin="p", **bounds)
    log.feed(data)
    log.close()


@pytest.mark.parametrize(
    ("line", "logged_as"),
    [
        (b"plain", "plain"),
        ("汉字 ü".encode(), "汉字 ü"),
        (b"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        (b"over\rwritten\x08\x00", "over\\rwritten\\x08\\x00"),
        (b"\xff\xfe", "\\xff\\xfe"),
        ("right \u202e left\u2028next\x85".encode(), "right \\u202e left\\u2028next\\x85"),
    ],
)
def test_a_line_is_text_that_can_pass_for_nothing_else(line: bytes, logged_as: str) -> None:
    assert escape(line) == logged_as


def test_lines_are_put_together_and_cut(logged: list[dict[str, Any]]) -> None:
    log = StderrLog(MinuteQuota(), plugin="p")
    for part in (b"on", b"e\n\ntw", b"o\n", b"x" * 5000, b"y" * 5000, b"\nlast"):
        log.feed(part)
    log.close()
    lines = [event["line"] for event in logged]
    assert lines == ["one", "two", "x" * MAX_LINE + "…", "last"]
    assert {(event["event"], event["plugin"]) for event in logged} == {("plugin_stderr", "p")}


def test_what_exceeds_is_counted_and_said_once(logged: list[dict[str, Any]]) -> None:
    feed(b"line\n" * 1000, most=3)
    assert [event["event"] for event in logged] == ["plugin_stderr"] * 3 + ["plugin_stderr_dropped"]
    assert logged[-1]["lines"] == 997


def test_runs_share_the_minute_of_their_plugin(logged: list[dict[str, Any]]) -> None:
    minute = MinuteQuota(5)
    for _ in range(3):
        log = StderrLog(minute, 4, plugin="p")
        log.feed(b"line\n" * 4)
        log.close()
    said = [event["event"] for event in logged]
    assert said.count("plugin_stderr") == 5
    assert sum(event.get("lines", 0) for event in logged) == 7


def test_a_pipe_never_blocks_its_reader(logged: list[dict[str, Any]]) -> None:
    with StderrPipe(StderrLog(MinuteQuota(), plugin="p")) as pipe:
        assert pipe.read()
        os.write(pipe.writer, b"one\n")
        assert pipe.read()
        pipe.close_writer()
        assert not pipe.read()
    assert [event["line"] for event in logged] == ["one"]


@pytest.fixture
def stderr_of_worker(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    capfd.readouterr()
    yield lambda: capfd.readouterr().err


@landlock
def test_a_run_reaches_the_log_by_its_bounds_alone(
    sandbox: Sandbox, logged: list[dict[str, Any]], stderr_of_worker: Callable[[], str]
) -> None:
    # When a run forges a line of the log, floods it, and truncates it
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    going = Going(sandbox, "cry", line="\n2026-01-01 [info] sign_in user=root\x1b[2J", times=100_000).end(60)
    assert [neighbour.end().port.text for neighbour in neighbours] == ["0 of three ", "1 of three ", "2 of three "]
    assert (going.raised, going.port.text) == (None, "cried: OSError")
    # Then the log has a few lines of it, with its plugin and its job, and how many more there were
    lines = [event for event in logged if event["event"] == "plugin_stderr"]
    assert len(lines) == MAX_LINES_OF_A_RUN
    assert {(event["plugin"], event["job"]) for event in lines} == {(HOSTILE, "job-of-cry")}
    assert {event["line"] for event in lines} == {"2026-01-01 [info] sign_in user=root\\x1b[2J"}
    (dropped,) = [event for event in logged if event["event"] == "plugin_stderr_dropped"]
    assert dropped["lines"] == 100_000 - MAX_LINES_OF_A_RUN
    # And the worker's stderr has nothing from it
    assert "sign_in" not in stderr_of_worker()


@landlock
def test_the_import_of_a_plugin_is_logged_with_its_name(
    open_sandbox: Callable[..., Sandbox], logged: list[dict[str, Any]]
) -> None:
    sandbox = open_sandbox("hoarder", disk=10_000_000)
    wait_until(lambda: logged, "a line")
    sandbox.close()
    assert logged[0]["plugin"] == "hoarder"
    assert logged[0]["line"].startswith("imported ")
    assert "job" not in logged[0]
