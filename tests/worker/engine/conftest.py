"""Engines under test: a scripted one, two tiny models with random weights, and ones for a server that plays a model."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.worker.engine.model_server import ModelServer, serving
from tests.worker.engine.models import save_gpt2, save_llama
from tests.worker.engine.remote.opening import Open
from worker.engine.local.loading import load_engine
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.protocol import Engine
from worker.engine.remote import retry
from worker.engine.remote.connect import open_remote
from worker.engine.remote.engine import RemoteEngine

STORY = ["Once ", "upon ", "a time ", "a 小 fox ", "😀 ", "ran. "]
Make = Callable[[], Engine]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Threads that wait for each other make tiny models slow on a machine that has other work."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_gpt2(tmp_path_factory.mktemp("models") / "tiny-gpt2")


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llama(tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.fixture(scope="session")
def gpt2(gpt2_folder: Path) -> Iterator[Engine]:
    engine = load_engine(str(gpt2_folder), device="cpu")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def llama(llama_folder: Path) -> Iterator[Engine]:
    engine = load_engine(str(llama_folder), device="cpu")
    yield engine
    engine.close()


@pytest.fixture(params=["scripted", "gpt2", "llama", "remote"])
def make_engine(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes engines of one kind, each ready to write without an end; closes them after the test."""
    made: list[Engine] = []
    servers = ExitStack()

    def make() -> Engine:
        if request.param == "scripted":
            made.append(ScriptedEngine(lambda _: cycle(STORY), context_length=128))
        elif request.param == "remote":
            made.append(open_remote(servers.enter_context(serving()).url, concurrency=1))
        else:
            folder = request.getfixturevalue(f"{request.param}_folder")
            made.append(load_engine(str(folder), device="cpu"))
        return made[-1]

    yield make
    for engine in made:
        engine.close()
    servers.close()


@pytest.fixture
def engine(make_engine: Make) -> Engine:
    return make_engine()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as server:
        yield server


@pytest.fixture
def connect(server: ModelServer) -> Iterator[Open]:
    made: list[RemoteEngine] = []

    def connect(**options: Any) -> RemoteEngine:
        made.append(open_remote(server.url, **{"patience_s": 5, **options}))
        return made[-1]

    yield connect
    for engine in made:
        engine.close()


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST_PAUSE_S", 0.01)
