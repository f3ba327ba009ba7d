"""`/healthz` and `/readyz` with a real Redis, running and not."""

import pytest
from django.db import connection
from django.test import Client

from gptstore.jobs.models import Worker
from gptstore.jobs.workers import WorkerInfo, beat
from tests.services.redis import RedisServer


@pytest.mark.django_db
def test_ready_when_database_and_redis_answer(client: Client, redis_server: RedisServer) -> None:
    beat(WorkerInfo("one", "tiny", True, 1, 1, "cpu", []))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "redis": "ok", "workers": 1}


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
