"""One worker process: its engine, its tools and its running jobs."""

import os
import socket
from threading import Lock
from uuid import UUID

import structlog
from django.conf import settings
from django.db import close_old_connections

from gptstore.catalog.plugins import runnable
from gptstore.jobs import workers
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.forwarding import forward
from gptstore.jobs.lifecycle.outcome import JobError, Outcome
from gptstore.jobs.lifecycle.queue import Offer
from gptstore.jobs.models import Job, Status
from worker.engine.errors import EngineStopped
from worker.engine.protocol import Engine
from worker.hooks.registry import OperatorHooks, open_hooks
from worker.jobs.execute import execute
from worker.jobs.outcome import conclude
from worker.jobs.run import Run
from worker.jobs.run_end import EndReason
from worker.process.memory import resident_bytes
from worker.process.open_engine import open_engine
from worker.process.open_host import HostSetup, open_host

log = structlog.get_logger(__name__)


class WorkerProcess:
    def __init__(self, name: str, engine: Engine, setup: HostSetup, hooks: OperatorHooks | None = None) -> None:
        self.name = name
        self.engine = engine
        self.setup = setup
        self.host = setup.host
        self.hooks = hooks or OperatorHooks()
        self.lock = Lock()
        self.claiming = Lock()
        self.runs: dict[tuple[UUID, int], Run] = {}
        self.closed = False
        self.broken = self.seen_broken = False

    @property
    def info(self) -> workers.WorkerInfo:
        model, level, offers = self.engine.info, self.setup.level, self.offers
        return workers.WorkerInfo(
            name=self.name,
            model=model.name,
            demo=model.demo,
            parameters=model.parameters,
            context_length=model.context_length,
            device=model.device,
            tools=sorted({slug for slugs in offers.values() for slug in slugs}),
            offers=offers,
            sandbox=level.name,
            sandbox_missing=[*level.missing],
            refused={**self.setup.refused, **self.host.broken},
            thinking=model.thinking,
            releases=self.setup.releases,
            installs=self.setup.installs,
            tokens_per_second=round(self.engine.stats().tokens_per_second, 1),
            memory=resident_bytes(),
        )

    @property
    def offers(self) -> dict[str, list[str]]:
        """Return the slugs of the tools that it can run, by release, less those that the catalogue has of others."""
        return runnable(self.host.offers)

    @property
    def tools(self) -> list[str]:
        """Return the slugs of the tools of plugins that are installed beside it."""
        return self.offers.get("", [])

    def run_next(self) -> bool:
        """Claim and run the next job. Return whether there was one. Raises EngineStopped when the engine died."""
        job = self.claim()
        if job is None:
            return False
        run = self.begin(job)
        if run is None:
            return True
        try:
            self.add(run)
            log.info("job_started", job=str(job.id), tool=job.tool.slug, attempt=job.attempt)
            error = execute(run, self.host)
            if run.end.reason is EndReason.ENGINE_DIED:
                self.retire()
            conclude(run, error)
        finally:
            self.remove(run)
        if self.is_first_to_see_it_broken():
            raise EngineStopped("The engine stopped by itself.")
        return True

    def begin(self, job: Job) -> Run | None:
        """Make the run of a claimed job. One that cannot be made ends its job: another worker could not either."""
        try:
            return Run(job, self.engine, self.hooks)
        except Exception:
            log.exception("run_failed", job=str(job.id), tool=job.tool.slug)
            error = JobError(ErrorCode.INTERNAL_ERROR, "The worker could not start this run. Tell the operator.")
            if states.finish(job, Outcome(Status.FAILED, error=error)):
                publish_finished_soon(job.id)
            return None

    def add(self, run: Run) -> None:
        with self.lock:
            self.runs[run.key] = run
            if self.closed:  # between its claim and now
                run.stop(EndReason.ENGINE_DIED if self.broken else EndReason.WORKER_CLOSING)

    def remove(self, run: Run) -> None:
        with self.lock:
            del self.runs[run.key]

    def claim(self) -> Job | None:
        """Claim a job, one thread at a time: else all would go for the same job, each with a connection of its own."""
        with self.claiming:
            if self.closed:
                return None
            offers = [
                Offer(slug, release, plugin) for (plugin, release), slugs in self.host.offers.items() for slug in slugs
            ]
            job = states.claim_offered(self.name, offers)
            close_old_connections()  # none is held while the tool runs, and its end gets one that works
            return job

    def forward(self, passed: int) -> None:
        """Send a message on that was for a job of another worker. passed: how many did so before."""
        with self.claiming:
            forward(self.name, {} if self.closed else self.offers, passed)
            close_old_connections()

    def retire(self) -> None:
        """Claim no more jobs, not even the one that is requeued now, because the engine died by itself."""
        with self.lock:
            self.broken = self.closed = True

    def is_first_to_see_it_broken(self) -> bool:
        with self.lock:
            seen, self.seen_broken = self.seen_broken, self.broken
            return self.broken and not seen

    def running(self) -> list[Run]:
        with self.lock:
            return list(self.runs.values())

    def close(self) -> None:
        """Stop the model and requeue the jobs that still run."""
        with self.lock:
            self.closed = True
        for run in self.running():
            run.stop(EndReason.WORKER_CLOSING)
        self.engine.close()
        self.host.close()
        self.hooks.close()


def open_worker(name: str) -> WorkerProcess:
    """Load the hooks, the plugins and the model that the settings name. Raises HooksNotLoaded, ModelLoadError."""
    hooks = open_hooks(settings.ENV.operator_hooks)
    setup = open_host(settings.ENV)
    try:
        return WorkerProcess(name, open_engine(settings.ENV), setup, hooks)
    except BaseException:
        setup.host.close()
        raise


def default_name() -> str:
    """Return a name that is unique among processes that live at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
