"""One worker process: its engine, its tools and the jobs that it runs now."""

import os
import socket
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections

from gptstore.jobs import workers
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job
from worker.engine.errors import EngineStopped
from worker.engine.protocol import Engine
from worker.hooks.registry import OperatorHooks, open_hooks
from worker.jobs.execute import run_job
from worker.jobs.run import Run
from worker.process.open_engine import open_engine
from worker.process.open_host import Shelter, open_shelter


class Node:
    def __init__(self, name: str, engine: Engine, shelter: Shelter, hooks: OperatorHooks | None = None) -> None:
        self.name = name
        self.engine = engine
        self.shelter = shelter
        self.host = shelter.host
        self.hooks = hooks or OperatorHooks()
        self.lock = Lock()
        self.claiming = Lock()
        self.runs: dict[tuple[UUID, int], Run] = {}
        self.closed = False
        self.broken = self.seen_broken = False

    @property
    def info(self) -> workers.WorkerInfo:
        model, level = self.engine.info, self.shelter.level
        return workers.WorkerInfo(
            name=self.name,
            model=model.name,
            demo=model.demo,
            parameters=model.parameters,
            context_length=model.context_length,
            device=model.device,
            tools=self.host.tools,
            sandbox=level.name,
            sandbox_missing=[*level.missing],
            refused={**self.shelter.refused},
        )

    def run_next(self) -> bool:
        """Claim and run the next job. Whether there was one. Raises EngineStopped when the engine died by itself."""
        job = self.claim()
        if job is None:
            return False
        run = Run(job, self.engine, self.hooks)
        with self.lock:
            self.runs[run.key] = run
        try:
            run_job(run, self.host, self.retire)
        finally:
            with self.lock:
                del self.runs[run.key]
        if self.is_first_to_see_it_broken():
            raise EngineStopped("The engine stopped by itself.")
        return True

    def claim(self) -> Job | None:
        """One thread after the other, or all would go for the same job, each with a connection of its own."""
        with self.claiming:
            if self.closed:
                return None
            job = states.claim_next(self.name, self.host.tools)
            close_old_connections()  # none is held while the tool runs, and its end gets one that works
            return job

    def retire(self) -> bool:
        """Take no more jobs, because the engine is closed. Whether it died by itself."""
        with self.lock:
            self.broken = self.broken or not self.closed
            self.closed = True
            return self.broken

    def is_first_to_see_it_broken(self) -> bool:
        with self.lock:
            seen, self.seen_broken = self.seen_broken, self.broken
            return self.broken and not seen

    def running(self) -> list[Run]:
        with self.lock:
            return list(self.runs.values())

    def close(self) -> None:
        """Stop the model; the jobs that still run go back to the queue."""
        self.closed = True
        for run in self.running():
            run.hand_back()
        self.engine.close()
        self.host.close()
        self.hooks.close()


def open_node(name: str) -> Node:
    """Load the hooks, the plugins and the model that the settings name. Raises HooksNotLoaded, ModelLoadError."""
    hooks = open_hooks(settings.ENV.operator_hooks)
    shelter = open_shelter(settings.ENV)
    try:
        return Node(name, open_engine(settings.ENV), shelter, hooks)
    except BaseException:
        shelter.host.close()
        raise


def default_name() -> str:
    """Unique among processes that live at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
