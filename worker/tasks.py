"""What Celery calls: one task, and the moments of a worker's life."""

import sys
from threading import Timer
from typing import Any

import structlog
from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings

from gptstore.celery import RUN_NEXT_JOB, app
from worker.engine.errors import ModelLoadError
from worker.node import Node, default_name, open_node
from worker.pulse import Pulse

log = structlog.get_logger(__name__)

GRACE_SECONDS = 5.0

node: Node
pulse: Pulse


@app.task(name=RUN_NEXT_JOB)
def run_next_job() -> None:
    """Run the next job, if there is one: the message is only a ring at the door."""
    node.run_next()


@worker_init.connect
def load(**_: Any) -> None:
    global node
    try:
        node = open_node(default_name())
    except ModelLoadError as error:
        print(f"The worker cannot start: {error.message}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    log.info("model_loaded", **{name: getattr(node.info, name) for name in ("model", "parameters", "device", "tools")})


@worker_ready.connect
def start_pulse(**_: Any) -> None:
    global pulse
    pulse = Pulse(node, settings.ENV.worker_concurrency)
    pulse.start()
    log.info("worker_ready", worker=node.name)


@worker_shutting_down.connect
def let_jobs_end(**_: Any) -> None:
    """Running jobs may end within the grace period; then the engine stops and they go back to the queue."""
    timer = Timer(GRACE_SECONDS, node.close)
    timer.daemon = True
    timer.start()


@worker_shutdown.connect
def close(**_: Any) -> None:
    pulse.end()
    node.close()
