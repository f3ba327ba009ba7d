"""`make demo` as a person sees it: real Redis, web server, worker and model."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.waiting import wait_until
from tests.demo.running import Demo, running_demo
from tests.integration.releases import Bundler
from tests.worker.hosts.releases.wheels import make_sdk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


def ask(demo: Demo, path: str, json: Any = None) -> httpx.Response:
    """Get, or post when there is something to send, and wait for the run."""
    headers = {"Authorization": f"Bearer {demo.summary['api_key']}", "Prefer": "wait=20"}
    method = "GET" if json is None else "POST"
    return httpx.request(method, demo.summary["url"] + path, headers=headers, json=json, timeout=30)


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

        # A plugin is installed into it from another folder, without a word about where it is but its own folder.
        bundler = Bundler(tmp_path / "bundles", make_sdk(tmp_path))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GPTSTORE_", "DJANGO_"))}
        installed = subprocess.run(
            [sys.executable, "-m", "gptstore.sdk.cli", "install", str(bundler.write("say", "1.0"))],
            cwd=tmp_path,
            env={**inherited, "GPTSTORE_VAR": str(var)},
            capture_output=True,
            text=True,
        )
        assert (installed.returncode, "ready on 1 worker after" in installed.stderr) == (0, True), installed.stderr
        done = ask(demo, "/api/v1/tools/say/jobs", json={"input": {}})
        assert done.json()["output"] == "1.0"

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
