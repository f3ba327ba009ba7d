"""A sandbox with a hostile plugin in it, and the worker's side of a run without a worker."""

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest

from worker.engine.params import SamplingParams
from worker.engine.protocol import ModelInfo, Prompt
from worker.hosts.base import ToolCall
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox

PLUGIN = "gptstore-hostile"
METADATA = "Metadata-Version: 2.1\nName: gptstore-hostile\nVersion: 1\nSummary: Tries to get out.\n"
MODEL = ModelInfo("m", 1000, False, parameters=0, device="cpu", dtype="none", demo=True)


@dataclass
class Port:
    """What a run may do, written down. The model says the prompt's words."""

    model: ModelInfo = MODEL
    said: list[str] = field(default_factory=list)
    notes: list[object] = field(default_factory=list)
    speaking: Event = field(default_factory=Event)
    stopping: Event = field(default_factory=Event)
    asked: list[SamplingParams] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        return self.stopping.is_set()

    @property
    def text(self) -> str:
        return "".join(self.said)

    def generate(self, prompt: Prompt, params: SamplingParams) -> Generator[str, None, None]:
        self.asked.append(params)
        for word in str(prompt).split():
            yield f"{word} "

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        return [-0.5] * len(continuation.split())

    def count_tokens(self, prompt: Prompt) -> int:
        return len(str(prompt).split())

    def output(self, text: str) -> None:
        self.said.append(text)
        self.speaking.set()

    def progress(self, done: float, total: float, message: str) -> None:
        self.notes.append((done, total, message))

    def log(self, message: str) -> None:
        self.notes.append(message)


class Going(Thread):
    """A run in a thread of its own. memory: bytes that its tool allows it."""

    def __init__(self, sandbox: Sandbox, tool: str, memory: int | None = None, **given: object) -> None:
        super().__init__(daemon=True)
        self.sandbox = sandbox
        self.call = ToolCall(tool, given, memory)
        self.port = Port()
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
        folder.chmod(0o755)
        (folder / "gptstore_hostile").symlink_to(Path(__file__).parent / "hostile" / "gptstore_hostile")
        info = folder / "gptstore_hostile-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA)
        (info / "entry_points.txt").write_text("[gptstore]\nhostile = gptstore_hostile.plugin\n")
        yield folder


@pytest.fixture(scope="session")
def open_sandbox(hostile_folder: Path) -> Iterator[Callable[..., Sandbox]]:
    if (level := probe(own_environment())).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    opened: list[Sandbox] = []

    def open_one(*, network: bool = False, **bounds: int) -> Sandbox:
        own = own_environment()
        code = Path(__file__).parent / "hostile"
        readable = (*own.readable, str(hostile_folder), str(code))
        extra = (str(hostile_folder), *own.extra)
        environment = replace(own, readable=readable, extra=extra)
        home = PluginConfig(PLUGIN, environment, probe(environment), network)
        opened.append(Sandbox([home], Bounds(**bounds)))
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
