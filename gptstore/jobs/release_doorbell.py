"""Wakes the workers when other releases are wanted. The message carries nothing: the database says what is wanted.

Workers look at the database every second or two, too, so that a lost message only costs time.
"""

import structlog
from django.db import transaction
from redis import RedisError

from gptstore.jobs.redis import sync_client
from gptstore.jobs.sender import send_soon

log = structlog.get_logger(__name__)

CHANNEL = "gptstore:releases"


def ring() -> bool:
    """Send the message. Return whether it was sent."""
    try:
        sync_client().publish(CHANNEL, "")
    except RedisError as error:
        log.warning("release_doorbell_failed", error=str(error))
        return False
    return True


def ring_on_commit() -> None:
    """Send the message in a thread once the transaction that changes what is wanted is committed."""
    transaction.on_commit(ring_soon)


def ring_soon() -> None:
    send_soon(ring)
