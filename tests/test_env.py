"""What an operator sets, and what a mistake in it looks like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gptstore.celery import VISIBILITY_SECONDS
from gptstore.env import BadSetting, Environment, read_environment

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BATCH", "0"),
        ("PREFILL_CHUNK", "63"),
        ("PREFILL_CHUNK", "513"),
        ("KV_CACHE_GB", "-1"),
        ("KV_CACHE_GB", "inf"),
        ("KV_CACHE_GB", "lots"),
        ("THREADS", "0"),
        ("WORKER_CONCURRENCY", "many"),
        ("JOB_MAX_SECONDS", "0"),
        ("JOB_MAX_SECONDS", "6001"),
        ("DTYPE", "int4"),
        ("MAX_BODY_BYTES", "3000001"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GPTSTORE_{name}", value)
    with pytest.raises(BadSetting, match=f"GPTSTORE_{name} is '{value}'"):
        read_environment()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KV_CACHE_GB", "PREFILL_CHUNK", "THREADS", "MAX_BATCH", "MODEL"):
        monkeypatch.setenv(f"GPTSTORE_{name}", "")
    env = read_environment()
    assert (env.kv_cache_gb, env.prefill_chunk, env.threads) == (None, None, None)
    assert (env.max_batch, env.model) == (64, "bundled")


def test_a_worker_takes_as_many_jobs_as_its_model_serves_at_a_time() -> None:
    fields = Environment.model_fields
    assert fields["worker_concurrency"].default == fields["max_batch"].default == 64


def test_no_run_may_take_so_long_that_its_message_is_given_to_another_worker() -> None:
    assert 2 * Environment(job_max_seconds=6000).job_max_seconds < VISIBILITY_SECONDS


def test_a_worker_with_a_bad_setting_ends_with_one_clear_line() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gptstore.settings", "GPTSTORE_MAX_BATCH": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "worker"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The worker cannot start: GPTSTORE_MAX_BATCH is '0'.")
    assert done.stderr.count("\n") == 1
