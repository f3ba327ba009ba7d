"""Celery's consumer, with a short pause between two attempts to reach a Redis that is away."""

from typing import Any

import structlog
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1


class SteadyConsumer(Consumer):
    """A consumer whose pauses don't grow; Celery's grow up to half a minute, and Redis may be back long before."""

    def ensure_connected(self, conn: Any) -> Any:
        attempts = 0

        def note(error: Exception, _pause: float) -> None:
            nonlocal attempts
            if attempts == 0:
                log.warning("redis_away", error=str(error))
            attempts += 1

        conn.ensure_connection(
            note, interval_start=PAUSE_SECONDS, interval_step=0, interval_max=PAUSE_SECONDS, callback=maybe_shutdown
        )
        if attempts:
            log.info("redis_back", attempts=attempts)
        self.first_connection_attempt = False
        self.broker_connection_retry_attempt = 0
        return conn
