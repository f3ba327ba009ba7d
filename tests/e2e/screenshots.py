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
from tests.e2e.tool_form import ToolForm

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
LETTER = """We have a lot of time. I want to go home. You can stay with us.

Where is my book? What are you doing? Tom is my friend.

We have a lot of work. I want to stay here. You can go home with me.

Where is your house? I don't know. He is my friend."""


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
        run = ToolForm(page, "translator").open().fill(text=LETTER, target="fr").run()
        expect(run.shown).to_contain_text("temps", timeout=END_MS)
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
