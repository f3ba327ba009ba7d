"""How a worker comes back to a Redis that was away."""

from itertools import pairwise
from time import monotonic
from types import SimpleNamespace

import pytest
import structlog

from gptstore.celery import app
from harness.redis import RedisServer
from worker.process import consumer
from worker.process.consumer import SteadyConsumer

LOOKS = 4


def test_it_looks_for_redis_at_an_even_pace_and_says_when_it_is_back(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a Redis that is away for four looks
    looks: list[float] = []

    def note_look() -> None:
        looks.append(monotonic())
        if len(looks) == LOOKS:
            redis_server.start()

    monkeypatch.setattr(consumer, "maybe_shutdown", note_look)
    monkeypatch.setattr(consumer, "PAUSE_SECONDS", 0.02)
    redis_server.kill()
    state = SimpleNamespace(first_connection_attempt=True, broker_connection_retry_attempt=1)
    # When a worker connects
    with structlog.testing.capture_logs() as logs, app.connection_for_read() as connection:
        SteadyConsumer.ensure_connected(state, connection)  # type: ignore[arg-type]
        # Then it is connected at the next look
        assert connection.connected
    assert [log["event"] for log in logs] == ["redis_away", "redis_back"]
    assert logs[-1]["attempts"] == len(looks) == LOOKS
    assert state.broker_connection_retry_attempt == 0
    # And no pause was longer: Celery's own grow by two seconds each time
    assert max(after - before for before, after in pairwise(looks)) < 2


def test_celery_uses_it() -> None:
    assert app.conf.worker_consumer == f"{SteadyConsumer.__module__}:{SteadyConsumer.__name__}"
