"""Keeps Celery's consumer from the queue while the worker is drained, so that each message wakes another worker."""

from typing import Any

import structlog

log = structlog.get_logger(__name__)


def receive_unless(drained: bool, consumer: Any) -> None:
    """Have this Celery consumer receive messages again, or none while its worker is drained. Any thread may call it."""
    queue = consumer.app.conf.task_default_queue
    is_receiving = queue in consumer.app.amqp.queues.consume_from
    if is_receiving == drained:
        log.info("worker_drained" if drained else "worker_resumed")
        consumer.call_soon(consumer.cancel_task_queue if drained else consumer.add_task_queue, queue)
