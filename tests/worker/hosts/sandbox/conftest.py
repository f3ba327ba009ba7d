"""A sandbox with a hostile plugin in it, and the worker's side of a run without a worker."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from harness.plugins import HOSTILE, HOSTILE_CODE, link_hostile, link_plugin
from harness.port import Port
from worker.engine.protocol import ModelInfo
from worker.hosts.base import ToolCall
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox

MODEL = ModelInfo("m", 1000, False, parameters=0, device="cpu", dtype="none", demo=True)


@dataclass
class NotingPort(Port):
    """What a run may do, written down: also its progress and its log."""

    model: ModelInfo = MODEL
    notes: list[object] = field(default_factory=list)

    def progress(self, done: float, total: float, message: str) -> None:
        self.notes.append((done, total, message))

    def log(self, message: str) -> None:
        self.notes.append(message)


class Going(Thread):
    """A run in a thread of its own. memory, disk: bytes that its tool allows it."""

    def __init__(
        self, sandbox: Sandbox, tool: str, memory: int | None = None, disk: int | None = None, **given: object
    ) -> None:
        super().__init__(daemon=True)
        self.sandbox = sandbox
        plugin = next((plugin for plugin, tools in sandbox.tools.items() if tool in tools), HOSTILE)
        self.call = ToolCall(plugin, tool, given, memory, disk, job=f"job-of-{tool}")
        self.port = NotingPort()
        self.raised: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.sandbox.run(self.call, self.port)
        except BaseException as error:
            self.raised = error

    def end(self, seconds: float = 20) -> "Going":
        self.join(seconds)
        assert not self.is_alive(), "it did not end"
        return self


@pytest.fixture(scope="session")
def hostile_folder() -> Iterator[Path]:
    """Where the plugin is installed, for every user of the machine."""
    with TemporaryDirectory(prefix="gptstore-hostile-") as name:
        folder = Path(name)
        link_hostile(folder)
        yield folder


def link_insider(folder: Path, module: str) -> None:
    """Link a plugin whose import prepares harm into a folder of its own."""
    if not (folder / module).exists():
        link_plugin(folder / module, module, HOSTILE_CODE / "gptstore_insider", f"gptstore_insider.{module}")


@pytest.fixture(scope="session")
def open_sandbox(hostile_folder: Path) -> Iterator[Callable[..., Sandbox]]:
    """Opens sandboxes of the hostile plugin, or of modules of `gptstore_insider`; closes them in the end."""
    if (level := probe(own_environment())).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    opened: list[Sandbox] = []

    def open_one(*plugins: str, network: bool = False, **bounds: int) -> Sandbox:
        own = own_environment()
        readable = (*own.readable, str(hostile_folder), str(HOSTILE_CODE))
        insiders = [plugin for plugin in plugins if plugin != HOSTILE]
        for plugin in insiders:
            link_insider(hostile_folder, plugin)
        extra = (str(hostile_folder), *(str(hostile_folder / plugin) for plugin in insiders), *own.extra)
        environment = replace(own, readable=readable, extra=extra)
        level = probe(environment)
        configs = [PluginConfig(plugin, environment, level, network) for plugin in plugins or [HOSTILE]]
        opened.append(Sandbox(configs, Bounds(import_seconds=60, **bounds)))
        opened[-1].wait()
        return opened[-1]

    yield open_one
    for sandbox in opened:
        sandbox.close()


@pytest.fixture(scope="session")
def sandbox(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return open_sandbox(memory=400_000_000)


@pytest.fixture
def run(sandbox: Sandbox) -> Callable[..., Going]:
    """Run a tool to its end."""

    def run_one(tool: str, **given: object) -> Going:
        return Going(sandbox, tool, **given).end()

    return run_one


@pytest.fixture
def worker() -> str:
    return str(os.getpid())
