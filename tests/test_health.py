"""`/healthz` and `/readyz` with a real Redis, running and not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.workers import WorkerInfo, beat
from harness.redis import RedisServer

IDLE = {"oldest_queued_seconds": None, "oldest_running_seconds": None}


@pytest.mark.django_db
def test_ready_when_database_and_redis_answer(client: Client, redis_server: RedisServer) -> None:
    beat(WorkerInfo("one", "tiny", True, 1, 1, "cpu", []))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "redis": "ok", "workers": 1, **IDLE}


@pytest.mark.django_db
def test_it_tells_how_long_the_oldest_jobs_wait_and_run(
    client: Client, redis_server: RedisServer, make_job: Callable[..., Job]
) -> None:
    now = timezone.now()
    for seconds in (90, 30):
        make_job(created_at=now - timedelta(seconds=seconds))
        make_job(status=Status.RUNNING, started_at=now - timedelta(seconds=seconds / 2))
    told = client.get("/readyz").json()
    assert 90 <= told["oldest_queued_seconds"] < 120
    assert 45 <= told["oldest_running_seconds"] < 75


@pytest.mark.django_db
def test_not_ready_while_redis_is_away(client: Client, redis_server: RedisServer) -> None:
    redis_server.kill()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["redis"] == "away"


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_has_no_tables(client: Client, redis_server: RedisServer) -> None:
    with connection.schema_editor() as editor:
        editor.delete_model(Worker)
    try:
        response = client.get("/readyz")
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(Worker)
    assert response.status_code == 503
    assert response.json()["database"] == "away"


def test_the_process_answers_without_database_and_redis(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
