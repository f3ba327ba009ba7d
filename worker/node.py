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
from gptstore.sdk.plugins import load_plugins
from worker.engine.errors import EngineStopped
from worker.engine.protocol import Engine
from worker.engine.remote.connect import open_remote
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
        self.runs: dict[tuple[UUID, int], Run] = {}
        self.closed = False

    @property
    def info(self) -> workers.WorkerInfo:
        model = self.engine.info
        return workers.WorkerInfo(
            self.name, model.name, model.demo, model.parameters, model.context_length, model.device, self.host.tools
        )

    def run_next(self) -> bool:
        """Claim and run the next job. Whether there was one. Raises EngineStopped when the engine died by itself."""
        job = None if self.closed else states.claim_next(self.name)
        if job is None:
            return False
        close_old_connections()  # none is held while the tool runs, and its end gets one that works
        run = Run(job, self.engine)
        with self.lock:
            self.runs[run.key] = run
        try:
            run_job(run, self.host)
        finally:
            with self.lock:
                del self.runs[run.key]
        if run.handed_back and not self.closed:
            self.closed = True
            raise EngineStopped("The engine stopped by itself.")
        return True

    def running(self) -> list[Run]:
        with self.lock:
            return list(self.runs.values())

    def close(self) -> None:
        """Stop the model; the jobs that still run go back to the queue."""
        self.closed = True
        for run in self.running():
            run.hand_back()
        self.engine.close()


def open_node(name: str) -> Node:
    """Load the plugins and the model that the settings name. Raises ModelLoadError."""
    plugins = load_plugins()
    for broken in plugins.broken:
        log.warning("plugin_left_out", plugin=broken.name, error=broken.error)
    return Node(name, open_engine(settings.ENV), InProcessHost(plugins))


def open_engine(env: Environment) -> Engine:
    """Run the model in this process, or use the server that runs it. Raises ModelLoadError."""
    if not env.engine_url:
        from worker.engine.loading import load_engine  # torch, which a worker with a remote engine need not load

        model = BUNDLED_MODEL if env.model == "bundled" else env.model
        return load_engine(model, device=env.device, dtype=env.dtype)
    return open_remote(
        env.engine_url,
        key=env.engine_key.get_secret_value(),
        model=env.engine_model,
        context_length=env.engine_context,
        silence_s=env.engine_timeout_seconds,
    )


def default_name() -> str:
    """Unique among processes that live at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
