"""A server of the page in this process, for a project that tests write."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn

from gptstore.sdk.dev.page.app import make_app
from gptstore.sdk.dev.page.live_plugin import LivePlugin
from gptstore.sdk.dev.page.server import open_port
from gptstore.sdk.dev.page.site import Given, Site
from gptstore.sdk.dev.sandbox import NO_WORKER, Rights
from gptstore.sdk.dev.script import read_script
from gptstore.sdk.dev.watcher import Watcher
from harness.waiting import wait_until
from tests.authors.dev.project import ASK, HEAD, HOOK, write_asker

TOKEN = "a-token"


@dataclass
class Served:
    """A server with its project. client: one that has been let in."""

    folder: Path
    url: str
    site: Site
    client: httpx.Client
    saves: list[int]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def write(self, code: str, tools: str = "ask") -> None:
        """Save another version of the plugin, and wait until the page has it."""
        self.save(HEAD + code + HOOK.format(tools))

    def save(self, text: str) -> None:
        """Save this text, and wait until its import has ended."""
        before = self.saves[0]
        (self.folder / "acme_asker.py").write_text(text)
        wait_until(lambda: self.saves[0] > before, "the save")
        self.site.plugin.wait()

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return self.client.post(path, data={"csrfmiddlewaretoken": TOKEN, **(data or {})}, **more)


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    desk = tmp_path_factory.mktemp("desk")
    (desk / "answers.txt").write_text("Good **morning**.")
    folder = write_asker(desk / "asker")
    listening = open_port(0)
    port = listening.getsockname()[1]
    saves = [0]

    def saved() -> None:
        plugin.reload()
        saves[0] += 1

    with LivePlugin(folder) as plugin, Watcher(folder, saved):
        plugin.wait()
        given = Given("ask", {"text": "From a flag"})
        site = Site(plugin, lambda tool: read_script(desk / "answers.txt"), given)
        config = uvicorn.Config(
            make_app(site, TOKEN, port, Rights(NO_WORKER)), log_level="warning", lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        wait_until(lambda: server.started, "the server")
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client:
            client.get("/", params={"token": TOKEN})
            yield Served(folder, url, site, client, saves)
        site.stop()
        server.should_exit = True
        thread.join()
        site.close()


@pytest.fixture(autouse=True)
def as_at_first(request: pytest.FixtureRequest) -> Iterator[None]:
    """Write the project anew after a test that has changed it."""
    yield
    if "served" in request.fixturenames:
        served: Served = request.getfixturevalue("served")
        if (served.folder / "acme_asker.py").read_text() != HEAD + ASK + HOOK.format("ask"):
            served.write(ASK)
