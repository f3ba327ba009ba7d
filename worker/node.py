"""One worker process: its engine, its tools and the jobs that it runs now."""

import os
import socket
from threading import Lock
from uuid import UUID

import structlog
from django.conf import settings

from gptstore.jobs import states, workers
from gptstore.sdk.plugins import load_plugins
from worker.engine.loading import load_engine
from worker.engine.protocol import Engine
from worker.host import ToolHost
from worker.inprocess import InProcessHost
from worker.run import Run
from worker.runner import run_job

log = structlog.get_logger(__name__)

BUNDLED_MODEL = os.path.join(os.path.dirname(__file__), "mini", "model")


class Node:
    def __init__(self, name: str, engine: Engine, host: ToolHost) -> None:
        self.name = name
        self.engine = engine
        self.host = host
        self.lock = Lock()
        self.runs: dict[UUID, Run] = {}

    @property
    def info(self) -> workers.WorkerInfo:
        model = self.engine.info
        return workers.WorkerInfo(
            self.name, model.name, model.demo, model.parameters, model.context_length, model.device, self.host.tools
        )

    def run_next(self) -> bool:
        """Claim and run the next job. Whether there was one."""
        job = states.claim_next(self.name)
        if job is None:
            return False
        run = Run(job, self.engine)
        with self.lock:
            self.runs[job.id] = run
        try:
            run_job(run, self.host)
        finally:
            with self.lock:
                del self.runs[job.id]
        return True

    def running(self) -> dict[UUID, Run]:
        with self.lock:
            return dict(self.runs)

    def close(self) -> None:
        """Stop the model; the jobs that still run go back to the queue."""
        self.engine.close()


def open_node(name: str) -> Node:
    """Load the plugins and the model that the settings name. Raises ModelLoadError."""
    plugins = load_plugins()
    for broken in plugins.broken:
        log.warning("plugin_left_out", plugin=broken.name, error=broken.error)
    env = settings.ENV
    engine = load_engine(BUNDLED_MODEL if env.model == "bundled" else env.model, device=env.device, dtype=env.dtype)
    return Node(name, engine, InProcessHost(plugins))


def default_name() -> str:
    """Unique among processes that live at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
