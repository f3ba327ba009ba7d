"""The heartbeat of a worker: it renews leases, receives cancellations, and sweeps up jobs that nobody runs."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from redis import RedisError

from gptstore.accounts.sessions import delete_expired
from gptstore.celery import CHECK_NEXT_RELEASE
from gptstore.jobs import doorbell, workers
from gptstore.jobs.counts import keep_counts
from gptstore.jobs.events.events import CANCEL_CHANNEL, publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel_overdue
from gptstore.jobs.lifecycle.retention import delete_old
from gptstore.jobs.lifecycle.states import LEASE
from gptstore.jobs.lifecycle.unservable import UnservableJobs
from gptstore.jobs.redis import sync_client
from gptstore.releases import checks
from gptstore.releases.activation import advance_rollouts
from worker.jobs.outcome import seconds_until_due, stop_overdue
from worker.jobs.run_end import EndReason
from worker.process.draining import receive_unless
from worker.process.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
BEAT_SECONDS = 2.0
"""The time between two renewals of the leases of running jobs, and of the worker's sign of life."""

GAP_SECONDS = 6.0
"""The gap in its own heartbeat after which this worker has to beat again before it takes jobs for lost."""

TIDY_SECONDS = 30.0

assert BEAT_SECONDS < GAP_SECONDS < LEASE.total_seconds(), "leases must outlast a missed renewal, and a gap be noticed"


class Heartbeat(Thread):
    """A worker's heartbeat thread. Redis makes it quick, the database makes it sure. Nothing ends it but `end`."""

    def __init__(self, worker: WorkerProcess, slots: int, consumer: Any = None) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.worker = worker
        self.slots = slots
        self.consumer = consumer
        self.ended = Event()
        self.reporting = Lock()
        self.messages: Any = None
        self.beat_at = 0.0
        self.last_beat = self.steady_at = 0.0
        self.tidy_at = time.monotonic() + TIDY_SECONDS
        self.unservable = UnservableJobs()

    def start(self) -> None:
        """Start. The worker is known when this returns: a job that it claims now is not taken for a lost one."""
        self.take_care()
        super().start()

    def run(self) -> None:
        while not self.ended.is_set():
            self.listen()
            self.take_care()
        self.hang_up()

    def end(self) -> None:
        self.ended.set()
        self.join(timeout=5)
        try:
            with self.reporting:
                leave(self.worker)
        except DatabaseError as error:
            log.warning("database_away", error=str(error).strip())

    def listen(self) -> None:
        """Wait for the next message, at most `LOOK_SECONDS` and no longer than until a run's time is up."""
        try:
            self.messages = self.messages or subscribe()
            self.receive(self.messages)
        except Exception as error:
            self.hang_up()
            log_missed("messages_missed", error, RedisError)
            self.ended.wait(self.patience)

    @property
    def patience(self) -> float:
        return seconds_until_due(self.worker.running(), LOOK_SECONDS)

    def hang_up(self) -> None:
        messages, self.messages = self.messages, None
        if messages is not None:
            with suppress(RedisError):
                messages.close()

    def receive(self, messages: Any) -> None:
        message = messages.get_message(timeout=self.patience)
        if message is not None and message["type"] == "message":
            for run in self.worker.running():
                if str(run.job.id) == message["data"]:
                    run.stop()

    def take_care(self) -> None:
        """Do every chore that is due. Redis may slow each down for a few seconds, so leases are renewed in between."""
        try:
            for chore in (self.look, self.sweep, self.roll_out, cancel_overdue, self.tidy_when_due):
                chore()
                self.beat_when_due()
        except Exception as error:
            log_missed("beat_missed", error, DatabaseError)
        finally:
            close_old_connections()

    def announce(self) -> None:
        """Report at once what this worker can run now, and ring for the jobs that waited for that."""
        free = 0 if self.report() else self.slots - len(self.worker.running())
        for _ in range(states.count_waiting(self.worker.offers, most=max(0, free), longer_than=timedelta(0))):
            doorbell.ring_soon()

    def report(self) -> bool:
        """Write this worker's sign of life, and return whether it is drained.

        What is known later is written later, whichever thread it is.
        """
        with self.reporting:
            return not self.ended.is_set() and workers.beat(replace(self.worker.info, slots=self.slots))

    def beat_when_due(self) -> None:
        if time.monotonic() >= self.beat_at:
            self.beat()
            self.beat_at = time.monotonic() + BEAT_SECONDS

    def tidy_when_due(self) -> None:
        if time.monotonic() >= self.tidy_at:
            self.tidy()
            self.tidy_at = time.monotonic() + TIDY_SECONDS

    def look(self) -> None:
        """Stop each run that is past its deadline, whose job was canceled, or whose job is no longer its own."""
        runs = self.worker.running()
        if not runs:
            return
        stop_overdue(runs)
        mine = states.owned_runs(run.job.id for run in runs)
        for run in runs:
            if run.key not in mine:
                run.stop(EndReason.JOB_LOST)
            elif mine[run.key]:
                run.stop()

    def beat(self) -> None:
        """Renew this worker's sign of life and its leases, and ring again for jobs that nobody claimed."""
        drained = self.report()
        if self.consumer is not None:
            receive_unless(drained, self.consumer)
        states.renew(self.worker.name, [run.job.id for run in self.worker.running()])
        self.note_beat()
        free = 0 if drained else self.slots - len(self.worker.running())
        for _ in range(states.count_waiting(self.worker.offers, most=max(0, free))):
            doorbell.ring_soon()

    def sweep(self) -> None:
        """Requeue the jobs of lost workers."""
        if not self.is_steady:
            return
        requeued = states.requeue_expired()
        for _ in requeued.again:
            doorbell.ring_soon()
        for job_id in requeued.ended:
            publish_finished_soon(job_id)

    def roll_out(self) -> None:
        """Decide on releases that roll out or crash. After a gap the other workers only seem to be gone."""
        if self.is_steady:
            advance_rollouts()

    def tidy(self) -> None:
        """End jobs that no worker can run, delete what is over, and keep the numbers that the catalogue shows.

        What is over: workers, sessions, jobs past their retention.
        """
        self.unservable.fail_jobs()
        if checks.waiting().exists():
            doorbell.ring_soon(CHECK_NEXT_RELEASE)
        workers.forget_gone()
        delete_expired()
        keep_counts()
        if settings.ENV.keep_jobs_days:
            delete_old(settings.ENV.keep_jobs_days)

    def note_beat(self) -> None:
        now = time.time()
        if now - self.last_beat >= GAP_SECONDS:
            self.steady_at = now + BEAT_SECONDS
        self.last_beat = now

    @property
    def is_steady(self) -> bool:
        """Return False after a gap, such as a database outage: the other workers must renew their leases first."""
        return self.steady_at <= time.time() < self.last_beat + GAP_SECONDS


def leave(worker: WorkerProcess) -> None:
    """Let other workers take the jobs of this one at once."""
    workers.leave(worker.name)
    states.expire_leases(worker.name)


def log_missed(event: str, error: Exception, expected: type[Exception]) -> None:
    if isinstance(error, expected):
        log.warning(event, error=str(error).strip())
    else:
        log.exception(event)


def subscribe() -> Any:
    messages = sync_client().pubsub(ignore_subscribe_messages=True)
    messages.subscribe(CANCEL_CHANNEL)
    return messages
