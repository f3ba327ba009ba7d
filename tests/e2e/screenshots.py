"""`python -m tests.e2e.screenshots`: takes the README's pictures of a store with the bundled model."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.chromium import launch
from tests.e2e.devices import Devices
from tests.e2e.run_page import END_MS
from tests.e2e.store import Store
from tests.e2e.texts import long_text
from tests.e2e.tool_form import ToolForm

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        Store(Path(folder)) as store,
        sync_playwright() as p,
    ):
        devices = Devices(launch(p), store.url)
        person = store.next_person()
        page = devices.open(person, viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.goto("/")
        expect(page.locator("#results .card").first).to_be_visible()
        take(page, "catalogue")
        run = ToolForm(page, "summarizer").open().fill(text=long_text(12), length="medium").run()
        expect(run.shown.locator(".prose strong").nth(4)).to_be_visible(timeout=END_MS)
        with store.worker_halted():
            take(page, "run")
        devices.close()


def take(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=path)
    print(f"{path.relative_to(IMAGES.parents[1])}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
