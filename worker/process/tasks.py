"""The Celery task and signal handlers of a worker."""

import os
import signal
import sys
from threading import Thread, Timer
from typing import Any

import structlog
from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError

from gptstore.celery import CHECK_NEXT_RELEASE, RUN_NEXT_JOB, app
from gptstore.jobs import delivery_probe
from gptstore.jobs.doorbell import PASSED
from worker.engine.errors import EngineStopped, ModelLoadError
from worker.hooks.errors import HooksNotLoaded
from worker.process.heartbeat import Heartbeat, leave
from worker.process.release_check import check_next
from worker.process.release_watch import ReleaseWatch, watch_releases
from worker.process.worker_process import WorkerProcess, default_name, open_worker

log = structlog.get_logger(__name__)

GRACE_SECONDS = 5.0
PATIENCE_SECONDS = 8.0
LEAVE_SECONDS = 2.0

worker: WorkerProcess
heartbeat: Heartbeat | None = None
release_watch: ReleaseWatch | None = None


@app.task(name=RUN_NEXT_JOB, bind=True)
def run_next_job(self: Any) -> None:
    """Run the next job, if there is one: the message is only a doorbell."""
    delivery_probe.mark_received()
    try:
        if not worker.run_next():
            worker.forward(self.request.get(PASSED) or 0)
    except EngineStopped:
        log.critical("engine_died")
        os.kill(os.getpid(), signal.SIGTERM)


@app.task(name=CHECK_NEXT_RELEASE)
def check_next_release() -> None:
    """Check the next submitted release, if there is one."""
    check_next(worker)


@worker_init.connect
def load(**_: Any) -> None:
    """Load everything, or end the worker: Celery only logs an ordinary exception that a signal's handler raises."""
    global worker
    try:
        worker = open_worker(default_name())
    except (HooksNotLoaded, ModelLoadError) as error:
        print(f"The worker cannot start: {error.message}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except Exception:
        log.exception("worker_cannot_start")
        raise SystemExit(1) from None
    model, stats = worker.engine.info, worker.engine.stats()
    log.info(
        "model_loaded",
        model=model.name,
        parameters=model.parameters,
        device=model.device,
        dtype=model.dtype,
        context_length=model.context_length,
        kv_tokens=stats.kv_tokens,
        tools=worker.tools,
        operator_hooks=worker.hooks.names,
    )


@worker_ready.connect
def start_heartbeat(sender: Any, **_: Any) -> None:
    global heartbeat, release_watch
    heartbeat = Heartbeat(worker, settings.ENV.worker_concurrency, consumer=sender)
    heartbeat.start()
    release_watch = watch_releases(worker.name, worker.setup, settings.ENV, heartbeat.announce)
    log.info("worker_ready", worker=worker.name)


@worker_shutting_down.connect
def let_jobs_end(**_: Any) -> None:
    """Let running jobs end within the grace period (graceful shutdown), then requeue them.

    A tool that never looks up, such as one in an endless loop, cannot be stopped inside this process: it ends with it.
    """
    for seconds, action in ((GRACE_SECONDS, worker.close), (PATIENCE_SECONDS, end_by_force)):
        timer = Timer(seconds, action)
        timer.daemon = True
        timer.start()


def end_by_force() -> None:
    log.error("ended_by_force", jobs=[str(run.job.id) for run in worker.running()])
    leaving = Thread(target=leave_quietly, daemon=True)
    leaving.start()
    leaving.join(LEAVE_SECONDS)
    os._exit(1)


def leave_quietly() -> None:
    try:
        leave(worker)
    except DatabaseError as error:
        log.warning("database_away", error=str(error).strip())


@worker_shutdown.connect
def close(**_: Any) -> None:
    if release_watch is not None:
        release_watch.close()
    if heartbeat is not None:
        heartbeat.end()
    worker.close()
