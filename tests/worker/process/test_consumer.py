"""How a worker comes back to a Redis that was away."""

from threading import Timer
from types import SimpleNamespace

import structlog

from gptstore.celery import app
from tests.services.redis import RedisServer
from worker.process.consumer import SteadyConsumer


def test_it_looks_for_redis_at_an_even_pace_and_says_when_it_is_back(redis_server: RedisServer) -> None:
    # Given a Redis that is away for longer than three looks
    redis_server.kill()
    consumer = SimpleNamespace(first_connection_attempt=True, broker_connection_retry_attempt=1)
    back = Timer(3.5, redis_server.start)
    back.start()
    # When a worker connects
    with structlog.testing.capture_logs() as logs, app.connection_for_read() as connection:
        SteadyConsumer.ensure_connected(consumer, connection)  # type: ignore[arg-type]
        # Then it is connected soon after
        assert connection.connected
    back.join()
    assert [log["event"] for log in logs] == ["redis_away", "redis_back"]
    assert logs[-1]["attempts"] in (3, 4, 5)
    assert consumer.broker_connection_retry_attempt == 0


def test_celery_uses_it() -> None:
    assert app.conf.worker_consumer == f"{SteadyConsumer.__module__}:{SteadyConsumer.__name__}"
