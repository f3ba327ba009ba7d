"""`make demo` as a person sees it: real Redis, web server, worker and model."""

import os
import signal
import socket
import stat
import sys
from pathlib import Path

import httpx
import pytest

from harness.waiting import wait_until
from tests.demo.running import Demo, running_demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


def ask(demo: Demo, path: str) -> httpx.Response:
    key = demo.summary["api_key"]
    return httpx.get(demo.summary["url"] + path, headers={"Authorization": f"Bearer {key}"}, timeout=20)


def test_a_store_starts_survives_a_crash_and_keeps_its_data(tmp_path: Path) -> None:
    var = tmp_path / "var"

    with running_demo(var, "--port=0") as demo:
        first = demo.summary
        assert set(first["pids"]) == {"supervisor", "redis", "web", "worker"}
        assert set(first["pids"].values()) - {demo.popen.pid} <= demo.children
        for name in ("demo.json", "secret_key", "gptstore.sqlite3"):
            assert stat.S_IMODE((var / name).stat().st_mode) == 0o600
        assert ask(demo, "/api/v1/tools").json()["count"] == 6
        assert first["url"] in demo.said and first["password"] in demo.said

        second = Demo(var, "--port=0")
        assert second.popen.wait(30) == 1
        assert f"already running: {first['url']}" in second.said

        demo.end(signal.SIGKILL)
        wait_until(lambda: not demo.children, "the end of all that it started", 20)

    with socket.create_server(("127.0.0.1", 0)) as taken, running_demo(var, f"--port={taken.getsockname()[1]}") as demo:
        port = taken.getsockname()[1]
        again = demo.summary
        assert f"Port {port} is taken" in demo.said
        assert not again["url"].endswith(f":{port}")
        assert [again[name] for name in ("username", "password", "api_key")] == [
            first[name] for name in ("username", "password", "api_key")
        ]
        assert ask(demo, "/api/v1/tools").status_code == 200

        assert demo.end(signal.SIGTERM) == 0
        assert not demo.children
        assert demo.summary["pids"] == {}


def test_a_dead_redis_comes_back(tmp_path: Path) -> None:
    with running_demo(tmp_path / "var", "--port=0") as demo:
        redis = demo.summary["pids"]["redis"]

        os.kill(redis, signal.SIGKILL)

        wait_until(lambda: demo.summary["pids"]["redis"] != redis, "another Redis", 20)
        wait_until(lambda: ask(demo, "/readyz").status_code == 200, "the site to be ready", 20)
        assert "SIGKILL. Starting it again." in demo.said


def test_a_model_that_is_not_there_ends_the_start_with_one_message(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "var", "--port=0", f"--model={tmp_path / 'no-such-model'}")

    assert demo.popen.wait(100) == 1
    assert "The worker process ended" in demo.said
    assert "no-such-model" in demo.said
    assert "Traceback" not in demo.said
    assert not demo.children
