"""One worker process: its engine, its tools and the jobs that it runs now."""

import os
import socket
from threading import Lock
from uuid import UUID

import structlog
from django.conf import settings
from django.db import close_old_connections

from gptstore.env import Environment
from gptstore.jobs import states, workers
from gptstore.jobs.models import Job
from gptstore.sdk.plugins import installed_names, load_plugins
from worker.engine.errors import EngineStopped
from worker.engine.protocol import Engine
from worker.host import ToolHost
from worker.inprocess import InProcessHost
from worker.model import open_engine
from worker.run import Run
from worker.runner import run_job
from worker.sandbox.environment import own_environment
from worker.sandbox.level import probe
from worker.sandbox.sandbox import Bounds, Sandbox

log = structlog.get_logger(__name__)


class Node:
    def __init__(self, name: str, engine: Engine, host: ToolHost) -> None:
        self.name = name
        self.engine = engine
        self.host = host
        self.lock = Lock()
        self.claiming = Lock()
        self.runs: dict[tuple[UUID, int], Run] = {}
        self.closed = False
        self.broken = self.seen_broken = False

    @property
    def info(self) -> workers.WorkerInfo:
        model = self.engine.info
        return workers.WorkerInfo(
            self.name, model.name, model.demo, model.parameters, model.context_length, model.device, self.host.tools
        )

    def run_next(self) -> bool:
        """Claim and run the next job. Whether there was one. Raises EngineStopped when the engine died by itself."""
        job = self.claim()
        if job is None:
            return False
        run = Run(job, self.engine)
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


def open_node(name: str) -> Node:
    """Load the plugins and the model that the settings name. Raises ModelLoadError."""
    host = open_host(settings.ENV)
    try:
        return Node(name, open_engine(settings.ENV), host)
    except BaseException:
        host.close()
        raise


def open_host(env: Environment) -> ToolHost:
    """Where the plugins' code runs: within this process, or shut in."""
    if env.sandbox:
        return open_sandbox(env)
    plugins = load_plugins()
    for broken in plugins.broken:
        log.warning("plugin_left_out", plugin=broken.name, error=broken.error)
    return InProcessHost(plugins)


def open_sandbox(env: Environment) -> Sandbox:
    level = probe()
    log.info("sandbox", level=level.name, missing=level.missing)
    bounds = Bounds(memory=env.tool_memory_mb * 1_000_000, output=env.tool_output_mb * 1_000_000)
    sandbox = Sandbox(installed_names(), own_environment(), level, bounds)
    sandbox.wait()
    return sandbox


def default_name() -> str:
    """Unique among processes that live at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
