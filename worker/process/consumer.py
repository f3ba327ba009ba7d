"""Celery's consumer, but for how long it waits between two looks for a Redis that is away."""

from typing import Any

import structlog
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1


class SteadyConsumer(Consumer):
    """Celery's pauses grow up to half a minute, for which a worker would be deaf when Redis is back."""

    def ensure_connected(self, conn: Any) -> Any:
        attempts = 0

        def tell(error: Exception, _pause: float) -> None:
            nonlocal attempts
            if attempts == 0:
                log.warning("redis_away", error=str(error))
            attempts += 1

        conn.ensure_connection(
            tell, interval_start=PAUSE_SECONDS, interval_step=0, interval_max=PAUSE_SECONDS, callback=maybe_shutdown
        )
        if attempts:
            log.info("redis_back", attempts=attempts)
        self.first_connection_attempt = False
        self.broker_connection_retry_attempt = 0
        return conn
