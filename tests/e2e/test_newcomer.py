"""From an empty folder to a tool in a running store, by somebody who has nothing but Python."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.authors.package_index import PackageIndex, serve
from tests.demo.running import Demo, running_demo
from tests.e2e.devices import Devices
from tests.e2e.newcomer import Newcomer, make_wheels
from tests.e2e.tool_form import ToolForm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TOOL = '''\
from collections.abc import Iterator

from gptstore.sdk import Context, Example, LongText, Tool, hookimpl, tool


@tool(title="Louder", category="writing", examples=[Example("A word", {"text": "hello"})])
def louder(ctx: Context, text: LongText) -> Iterator[str]:
    """Say a text louder."""
    yield text.upper() + "!"


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [louder]
'''


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo") / "var", "--port=0") as demo:
        yield demo


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    index = PackageIndex(make_wheels(tmp_path_factory.mktemp("wheels")))
    with serve(index):
        yield index


def test_a_newcomer_has_a_tool_in_a_running_store(
    browser: Browser, demo: Demo, index: PackageIndex, tmp_path: Path
) -> None:
    newcomer = Newcomer(tmp_path, index.folder)
    newcomer.install("gptstore-sdk[cli]")
    assert not {"django", "torch"} & set(newcomer.run("pip", "list", "--format=freeze").lower().split("=="))

    newcomer.run("gptstore", "new", "louder")
    (newcomer.folder / "louder" / "gptstore_louder" / "tool.py").write_text(TOOL)
    try_on_the_page(newcomer, browser)
    newcomer.run("gptstore", "check", "louder", "--offline")

    newcomer.environment |= {"UV_DEFAULT_INDEX": f"{index.address}/simple", "GPTSTORE_VAR": str(demo.var)}
    bundle = newcomer.run("gptstore", "build", "louder").splitlines()[-1]
    newcomer.run("gptstore", "install", bundle)

    run_in_the_store(demo, browser)
    newcomer.environment |= {"GPTSTORE_SERVER": demo.summary["url"], "GPTSTORE_API_KEY": demo.summary["api_key"]}
    assert newcomer.run("gptstore", "run", "louder", "--text", "from a shell") == "FROM A SHELL!"


def try_on_the_page(newcomer: Newcomer, browser: Browser) -> None:
    with newcomer.started("gptstore", "dev", "louder", "--no-open") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        devices = Devices(browser, address)
        page = devices.open()
        page.goto(address)
        form = ToolForm(page, "louder").fill(text="on my own page")
        form.page.get_by_role("button", name="Run").click()
        expect(page.locator("#output")).to_contain_text("ON MY OWN PAGE!")
        devices.close()


def run_in_the_store(demo: Demo, browser: Browser) -> None:
    devices = Devices(browser, demo.summary["url"])
    page = devices.open()
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(demo.summary["username"])
    page.get_by_label("Password").fill(demo.summary["password"])
    page.get_by_role("button", name="Sign in").click()
    page.goto("/")
    expect(page.get_by_role("link", name="Louder").first).to_be_visible()
    run = ToolForm(page, "louder").open().fill(text="in the store").run()
    run.expect_end()
    expect(run.shown).to_contain_text("IN THE STORE!")
    devices.close()
    assert not devices.problems.found
