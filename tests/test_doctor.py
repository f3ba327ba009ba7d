"""What `manage.py doctor` says about stores that are well and stores that are not."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from gptstore.health import doctor
from gptstore.health.checks import (
    Finding,
    check_debug,
    check_eviction,
    check_https,
    check_migrations,
    check_persistence,
    check_secret_key,
    is_missing_file,
)
from gptstore.health.doctor import check_messages, check_queued, check_running, check_sandbox, check_workers, examine
from gptstore.jobs import delivery_probe
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.workers import WorkerInfo, beat
from harness.redis import RedisServer

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(redis_server: RedisServer) -> None:
    """One that was just seen."""
    meet("one")


@pytest.fixture
def listening(worker: None, redis_server: RedisServer) -> Iterator[None]:
    """That worker takes messages from the queue, as Celery does."""
    ended = Event()

    def listen() -> None:
        while not ended.is_set():
            if redis_server.client.blpop(["gptstore"], timeout=1):
                delivery_probe.mark_received()

    thread = Thread(target=listen)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def lasting(redis_server: RedisServer) -> Iterator[None]:
    """A Redis with an append-only file."""
    redis_server.client.config_set("appendonly", "yes")
    yield
    redis_server.client.config_set("appendonly", "no")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE_SECONDS", 0.1)


def levels() -> dict[str, str]:
    return {finding.name: finding.level for finding in examine()}


def ago(seconds: float) -> object:
    return timezone.now() - timedelta(seconds=seconds)


@pytest.mark.usefixtures("listening", "lasting")
def test_a_healthy_store_has_the_lines_that_the_guide_shows(settings: LazySettings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"https": True})
    printed = io.StringIO()
    call_command("doctor", stdout=printed)
    lines = printed.getvalue().splitlines()
    shown = re.findall(r"^    (ok .*)$", (ROOT / "docs" / "operating.md").read_text(), flags=re.MULTILINE)
    assert list(map(unnamed, lines)) == list(map(unnamed, shown))
    assert "one with tiny, seen" in printed.getvalue()


def unnamed(line: str) -> str:
    """Without the names of the worker and the database."""
    return re.sub(r"\w+(?= answers)|(?<=workers).*", "", line)


@pytest.mark.usefixtures("listening", "lasting")
def test_a_program_gets_the_same_as_json() -> None:
    printed = io.StringIO()
    call_command("doctor", "--json", stdout=printed)
    told = json.loads(printed.getvalue())
    assert told["ok"] is True
    assert {found["name"]: found["level"] for found in told["findings"]} == levels()
    assert set(told["findings"][0]) == {"name", "level", "message", "remedy"}


def test_without_a_worker_it_says_how_to_start_one_and_fails(
    redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    assert "fail  workers      None is alive, so runs wait. Start one: `python -m worker`." in capsys.readouterr().out


def test_a_worker_that_was_not_seen_lately_is_named(worker: None) -> None:
    Worker.objects.update(last_seen_at=ago(20))
    found = check_workers()
    assert found.level == "warn"
    assert "one with tiny, seen 2" in found.message


def test_a_worker_that_takes_no_message_is_found_out(worker: None, impatient: None) -> None:
    found = check_messages()
    assert found.level == "fail"
    assert "GPTSTORE_REDIS_URL" in found.remedy


def test_busy_workers_are_not_asked(worker: None, make_job: Callable[..., Job]) -> None:
    Worker.objects.update(slots=1)
    make_job(status=Status.RUNNING, started_at=ago(1))
    assert check_messages().message == "Not tried: all workers are busy."


def test_a_redis_that_keeps_nothing_is_a_warning(worker: None) -> None:
    found = check_persistence()
    assert (found.level, found.remedy) == ("warn", "Start it with `--appendonly yes`.")


def test_a_redis_that_throws_things_away_is_a_warning(redis_server: RedisServer) -> None:
    redis_server.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = check_eviction()
    finally:
        redis_server.client.config_set("maxmemory-policy", "noeviction")
    assert found.level == "warn"
    assert "allkeys-lru" in found.message


def test_what_needs_a_redis_that_is_away_is_not_known(worker: None, redis_server: RedisServer) -> None:
    redis_server.kill()
    found = levels()
    assert (found["redis"], found["persistence"], found["messages"]) == ("fail", "warn", "warn")
    assert (found["workers"], found["queued"]) == ("ok", "ok")


def test_what_needs_a_database_that_is_away_is_not_known(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connection refused\n\tIs the server running?")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    found = {finding.name: finding for finding in examine()}
    assert found["database"].level == "fail"
    assert found["database"].message.endswith("does not answer: connection refused.")
    assert [found[name].message for name in ("migrations", "workers", "messages", "queued")] == ["Not known."] * 4
    assert found["redis"].ok


def test_migrations_that_are_missing_are_counted_and_named(redis_server: RedisServer) -> None:
    MigrationRecorder.Migration.objects.filter(app="jobs").delete()
    found = check_migrations()
    assert found.level == "fail"
    assert "jobs.0001_initial" in found.message


@pytest.mark.parametrize(
    ("slots", "seconds", "level", "remedy"),
    [(64, 30, "ok", ""), (64, 90, "warn", "See what `messages`"), (1, 90, "warn", "Start another worker")],
)
def test_jobs_that_wait_for_long(
    worker: None, make_job: Callable[..., Job], slots: int, seconds: int, level: str, remedy: str
) -> None:
    Worker.objects.update(slots=slots)
    make_job(status=Status.RUNNING, started_at=ago(1))
    make_job(created_at=ago(seconds))
    found = check_queued()
    assert found.level == level
    assert found.remedy.startswith(remedy)


def test_a_job_that_runs_for_too_long(worker: None, make_job: Callable[..., Job]) -> None:
    make_job(status=Status.RUNNING, started_at=ago(100_000))
    found = check_running()
    assert found.level == "warn"
    assert "for 1000" in found.message


@pytest.mark.parametrize(
    ("setting", "value", "check", "level"),
    [
        ("SECRET_KEY", "x" * 50, check_secret_key, "ok"),
        ("SECRET_KEY", "short", check_secret_key, "warn"),
        ("SECRET_KEY", "none", check_secret_key, "fail"),
        ("DEBUG", True, check_debug, "warn"),
        ("ALLOWED_HOSTS", ["store.example"], check_https, "warn"),
        ("ALLOWED_HOSTS", ["localhost"], check_https, "ok"),
    ],
)
def test_settings_that_others_should_not_meet(
    settings: LazySettings, setting: str, value: object, check: Callable[[], Finding], level: str
) -> None:
    setattr(settings, setting, value)
    assert check().level == level


def meet(name: str, sandbox: str = "full", missing: Sequence[str] = (), refused: dict[str, str] | None = None) -> None:
    facts = {"sandbox": sandbox, "sandbox_missing": [*missing], "refused": refused or {}}
    beat(replace(WorkerInfo(name, "tiny", True, 1, 1, "cpu", []), **facts))


def test_plugins_that_are_shut_in_everywhere_are_fine(redis_server: RedisServer) -> None:
    meet("one")
    meet("two")
    assert check_sandbox().level == "ok"


def test_what_is_missing_from_the_sandbox_is_said_once_for_all_workers_that_lack_it(redis_server: RedisServer) -> None:
    lacking = ["Landlock: plugins can read files", "seccomp: plugins can open sockets"]
    meet("one", "none", lacking)
    meet("two", "none", lacking)
    meet("three")
    found = check_sandbox()
    assert found.level == "warn"
    assert found.message == (
        "one, two: level none, without Landlock: plugins can read files; without seccomp: plugins can open sockets."
    )


def test_a_plugin_that_is_refused_is_named_with_the_reason(redis_server: RedisServer) -> None:
    meet("one", "reduced", ["a user of its own"], {"acme-tool": "It is not built in."})
    found = check_sandbox()
    assert (found.level, found.message) == ("warn", "one: acme-tool is refused: It is not built in.")
    assert "GPTSTORE_SANDBOX_LEVEL" in found.remedy


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` with nothing set but these."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GPTSTORE_", "DJANGO_"))}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment | variables, capture_output=True, text=True, timeout=60)


def test_without_any_setting_it_says_what_is_missing(tmp_path: Path) -> None:
    done = manage(
        "doctor", "--json", GPTSTORE_VAR=str(tmp_path), GPTSTORE_REDIS_URL=f"unix://{tmp_path}/none.sock?db=0"
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    found = {finding["name"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert [name for name, finding in found.items() if finding["level"] == "fail"] == [
        "secret key",
        "database",
        "redis",
    ]
    assert found["database"]["remedy"] == "Run `manage.py migrate`."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["makemigrations"], {}, "GPTSTORE_SECRET_KEY is not set."),
        (["sync_tools"], {}, "GPTSTORE_SECRET_KEY is not set."),
        (["doctor"], {"GPTSTORE_MAX_BATCH": "0"}, "GPTSTORE_MAX_BATCH is '0'."),
    ],
)
def test_settings_that_cannot_be_read_end_a_command_with_one_line(
    arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = manage(*arguments, **variables)
    assert done.returncode == 1
    assert done.stderr.startswith(f"manage.py cannot start: {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "missing"),
    [(":memory:", False), ("file:x?mode=memory&cache=shared", False), ("/nowhere/memory/db.sqlite3", True)],
)
def test_a_database_file_is_missed_whatever_its_folder_is_called(
    monkeypatch: pytest.MonkeyPatch, name: str, missing: bool
) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", name)
    monkeypatch.setattr(connection, "vendor", "sqlite")
    assert is_missing_file() == missing
