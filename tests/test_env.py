"""What an operator sets, and what a mistake in it looks like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gptstore.celery import VISIBILITY_SECONDS
from gptstore.env import BadSetting, Environment, read_environment
from gptstore.mail import MailServer, read_mail_server

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
        ("MAX_BODY_BYTES", "7500001"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GPTSTORE_{name}", value)
    with pytest.raises(BadSetting, match=f"GPTSTORE_{name} is '{value}'"):
        read_environment()


@pytest.mark.parametrize(
    "url",
    [
        "smtp://store:hunter2",
        "smtp://store:hunter2@host:many",
        "smtp://store:hunter2@host/path",
        "smtp://store:hunter2/@host",
        "imap://store:hunter2@host",
        "smtp://store:hunter2@host?tls=maybe",
        "smtps://store:hunter2@host?tls=true",
        "smtp://store:hunter2@host?timeout=1",
        "smtp://store:hunter2@[host",
    ],
)
def test_a_bad_mail_server_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("GPTSTORE_EMAIL_URL", url)
    with pytest.raises(BadSetting, match=r"^GPTSTORE_EMAIL_URL is not usable\. I") as refused:
        read_environment()
    assert "hunter2" not in str(refused.value)


def test_a_mail_server_needs_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTSTORE_EMAIL_URL", "smtp://store:hunter2@host")
    with pytest.raises(BadSetting, match="GPTSTORE_EMAIL_FROM") as refused:
        read_environment()
    assert "hunter2" not in str(refused.value)

    monkeypatch.setenv("GPTSTORE_EMAIL_FROM", "store@example.org")
    assert "hunter2" not in repr(read_environment())


def test_the_settings_of_the_mail_server_are_those_of_its_url() -> None:
    url = "smtp://store:p%40ss%2Fword@mail.example.org:587?tls=true"
    ask = "from django.conf import settings as s; print(*(getattr(s, f'EMAIL_{n}') for n in "
    ask += "'HOST PORT HOST_USER HOST_PASSWORD USE_TLS USE_SSL BACKEND'.split()), s.DEFAULT_FROM_EMAIL, s.HAS_MAIL)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gptstore.settings", "GPTSTORE_EMAIL_URL": url}
    environment["GPTSTORE_EMAIL_FROM"] = "store@example.org"

    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    said = "mail.example.org 587 store p@ss/word True False gptstore.mail.EmailBackend store@example.org True"
    assert done.stdout.split() == said.split(), done.stderr


def test_tls_from_the_start_has_a_port_of_its_own() -> None:
    server = read_mail_server("smtps://mail.example.org")
    assert server == MailServer("mail.example.org", 465, "", "", tls=True, starttls=False)
    assert "secret" not in repr(MailServer("host", 25, "user", "secret", tls=False, starttls=False))


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


@pytest.mark.parametrize(
    ("hsts", "header"),
    [
        ("", "max-age=31536000"),
        ("host", "max-age=31536000"),
        ("subdomains", "max-age=31536000; includeSubDomains"),
        ("preload", "max-age=31536000; includeSubDomains; preload"),
    ],
)
def test_a_site_speaks_for_its_domain_only_when_its_operator_says_so(hsts: str, header: str) -> None:
    code = """
import django
django.setup()
from django.test import Client
print(Client().get("/healthz", secure=True)["Strict-Transport-Security"])
"""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gptstore.settings",
        "GPTSTORE_HTTPS": "true",
        "GPTSTORE_HSTS": hsts,
        "GPTSTORE_ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == header, done.stderr
