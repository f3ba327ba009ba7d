"""The demo's parts that decide something, each alone."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gptstore.demo import redis
from gptstore.demo.config import address, allowed_hosts, environment, free_port, parse_options
from gptstore.demo.credentials import Summary, secret_key
from gptstore.demo.errors import NoFreePort, NoRedis
from gptstore.demo.paths import Paths
from gptstore.demo.processes import MAX_RESTARTS, Restarts
from harness.waiting import wait_until


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "var")
    paths.make()
    return paths


def test_a_free_port_is_used_as_wanted() -> None:
    free = free_port("127.0.0.1", 0)

    assert free_port("127.0.0.1", free) == free


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert free_port("127.0.0.1", port) > port


def test_an_address_of_another_machine_is_refused_with_the_reason() -> None:
    with pytest.raises(NoFreePort, match=r"192\.0\.2\.1: .+"):
        free_port("192.0.2.1", 8000)


@pytest.mark.parametrize("text", ["-1", "65536", "http", ""])
def test_a_port_that_is_no_number_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options([f"--port={text}"])

    assert "is no port" in capsys.readouterr().err


def test_secrets_are_readable_by_their_owner_alone_and_kept(paths: Paths) -> None:
    key = secret_key(paths)
    summary = Summary("http://127.0.0.1:8000", "admin", "word", "gs_x", {"web": 1})
    summary.write(paths)

    assert len(key) >= 50 and secret_key(paths) == key
    assert Summary.read(paths) == summary
    assert {stat.S_IMODE(path.stat().st_mode) for path in (paths.secret_key, paths.summary)} == {0o600}
    assert not list(paths.var.glob(".*"))


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"url": "x"}'])
def test_a_damaged_summary_is_as_good_as_none(paths: Paths, damage: str) -> None:
    paths.summary.write_text(damage)

    assert Summary.read(paths) == Summary()


def test_redis_is_taken_from_path_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = tmp_path / "redis-server"
    server.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert redis.find_server() == server


def test_without_any_redis_the_message_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis, "find_spec", lambda name: None)

    with pytest.raises(NoRedis, match="apt install redis-server"):
        redis.find_server()


def test_the_redis_socket_lies_in_the_demos_folder(paths: Paths) -> None:
    with redis.socket_path(paths) as path:
        assert path.parent == paths.redis


@pytest.mark.parametrize("name", ["x" * 120, "with space", "ünï"])
def test_a_folder_that_no_socket_can_be_in_gets_a_private_temporary_one(tmp_path: Path, name: str) -> None:
    with redis.socket_path(Paths(tmp_path / name)) as path:
        assert len(os.fsencode(path)) < 100
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


def test_a_redis_that_outlived_its_demo_is_ended(paths: Paths) -> None:
    with redis.socket_path(paths) as path:
        command = redis.server_command(paths, path)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as leftover:
            wait_until(lambda: redis.answers(path), f"Redis to answer at {path}", 10)

            redis.end_leftover(path)

            assert leftover.wait(10) == 0
        assert not redis.answers(path)


def test_the_demo_never_touches_the_persons_real_database(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTSTORE_VAR", str(paths.var))
    monkeypatch.setenv("GPTSTORE_DATABASE_URL", "postgres://production")
    monkeypatch.setenv("GPTSTORE_DEVICE", "cpu")

    variables = environment(parse_options([]), Path("/x.sock"))

    assert "GPTSTORE_DATABASE_URL" not in variables
    assert variables["GPTSTORE_DEVICE"] == "cpu"


@pytest.mark.parametrize("module", ["gptstore.demo", "gptstore.demo.seed"])
def test_help_says_what_a_command_is_for(module: str) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "GPTSTORE_"))}

    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], env=bare, capture_output=True, text=True, timeout=30
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: python -m {module}")


def test_hosts_and_addresses() -> None:
    assert allowed_hosts("127.0.0.1") == "localhost,127.0.0.1,[::1]"
    assert allowed_hosts("store.lan") == "localhost,127.0.0.1,[::1],store.lan"
    assert allowed_hosts("0.0.0.0") == "*"
    assert address("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert address("::1", 80) == "http://[::1]:80"


def test_a_process_that_keeps_dying_is_given_up() -> None:
    restarts = Restarts()

    assert [restarts.allow("worker") for _ in range(MAX_RESTARTS + 1)] == [True] * MAX_RESTARTS + [False]
    assert restarts.allow("web")


def test_the_watchdog_stops_what_is_left_when_its_pipe_ends() -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    )
    kind = "print('on', flush=True); import time; time.sleep(60)"
    groups = [
        subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
        for code in (stubborn, kind, kind)
    ]
    for process in groups:
        assert process.stdout and process.stdout.readline() == b"on\n"
    spared = groups[2]
    orders = f"+{groups[0].pid}\n+{groups[1].pid}\n+{spared.pid}\n-{spared.pid}\n"

    subprocess.run([sys.executable, "-m", "gptstore.demo.watchdog"], input=orders, text=True, check=True, timeout=30)

    assert [process.wait(5) for process in groups[:2]] == [-signal.SIGKILL, -signal.SIGTERM]
    assert spared.poll() is None
    spared.kill()
    for process in groups:
        process.communicate()
