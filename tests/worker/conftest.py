"""Runs of tiny tools against an engine that says what a test wrote."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.limits import given_limits
from gptstore.catalog.models import Tool as ToolRow
from gptstore.jobs.events.events import Event
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job
from gptstore.sdk import Tool
from gptstore.sdk.plugins import Loaded, LoadedPlugin
from harness.redis import RedisServer
from harness.rows import make_job, make_tool
from tests.integration.watching import events
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.protocol import Engine, Request
from worker.hosts.inprocess import InProcessHost
from worker.jobs.run import Run
from worker.process.open_host import HostSetup
from worker.process.worker_process import WorkerProcess


@pytest.fixture
def open_engine() -> Iterator[Callable[..., Engine]]:
    """Makes a `ScriptedEngine`; the default script repeats the prompt's words."""
    engines: list[Engine] = []

    def make(script: Callable[[Request], Any] | None = None, delay_s: float = 0.0, **info: Any) -> Engine:
        engines.append(ScriptedEngine(script or words, delay_s, **info))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


def words(request: Request) -> list[str]:
    assert isinstance(request.prompt, str)
    return [f"{word} " for word in request.prompt.split()]


@dataclass
class Workshop:
    """A node with one engine and some tools, and the rows of their jobs."""

    owner: User
    redis: RedisServer
    node: WorkerProcess
    rows: dict[str, ToolRow] = field(default_factory=dict)

    def submit(self, tool: Tool, **data: Any) -> Job:
        row = self.rows.get(tool.slug) or self.add(tool)
        return make_job(self.owner, row, input=data or {"text": "a b c"})

    def add(self, tool: Tool) -> ToolRow:
        self.rows[tool.slug] = make_tool(
            tool.slug,
            title=tool.title,
            max_seconds=tool.max_seconds,
            limits=given_limits(vars(tool)),
            input_schema=tool.input_schema,
            output=tool.output,
            version="1",
            plugin="p",
        )
        return self.rows[tool.slug]

    def begin(self, tool: Tool, **data: Any) -> Run:
        """A claimed job whose tool has not been started."""
        self.submit(tool, **data)
        job = states.claim_next(self.node.name, self.node.tools)
        assert job is not None
        return Run(job, self.node.engine, self.node.hooks)

    def run(self, tool: Tool, **data: Any) -> Job:
        """The job after the node ran it."""
        job = self.submit(tool, **data)
        assert self.node.run_next()
        job.refresh_from_db()
        assert self.node.running() == []
        return job

    def events(self, job: Job) -> list[Event]:
        return events(self.redis, job)

    def spoken(self, job: Job) -> str:
        return "".join(event.data["text"] for event in self.events(job) if event.name == "output")


@pytest.fixture
def workshop(owner: User, redis_server: RedisServer, open_engine: Callable[..., Engine]) -> Callable[..., Workshop]:
    """Opens one: `workshop(tool, …, engine=…)`."""

    def make(*tools: Tool, engine: Engine | None = None) -> Workshop:
        plugin = LoadedPlugin("p", "1", "p", "p", tools, manifest=None)  # type: ignore[arg-type]
        node = WorkerProcess("w1", engine or open_engine(), HostSetup(InProcessHost(Loaded([plugin], []))))
        return Workshop(owner, redis_server, node)

    return make
