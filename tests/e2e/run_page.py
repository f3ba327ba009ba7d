"""The page of a run, as a person reads it."""

from playwright.sync_api import Locator, Page, expect

from harness.waiting import wait_until

END_MS = 90_000
"""Runs of the bundled model end within seconds; a busy machine gets more."""


class RunPage:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.locator("#run .run-head .pill")
        self.raw = page.locator("#output-raw")
        self.shown = page.locator("#output")
        self.cancel = page.get_by_role("button", name="Cancel run")

    @property
    def url(self) -> str:
        return self.page.url

    @property
    def text(self) -> str:
        """The whole text that the page has got so far: what its copy button copies."""
        return self.raw.input_value()

    def expect_open(self) -> "RunPage":
        self.page.wait_for_url("**/runs/*/")
        expect(self.status).to_be_visible()
        return self

    def expect_status(self, status: str) -> None:
        expect(self.status).to_have_text(status, timeout=END_MS)

    def expect_text(self) -> None:
        """Something has arrived. Asks without a pause: a small model on a fast machine says much in one."""
        wait_until(lambda: self.text, f"text at {self.url}", END_MS / 1000, every=0)

    def expect_end(self, status: str = "Succeeded") -> None:
        expect(self.page.locator("#run[data-final=true]")).to_be_attached(timeout=END_MS)
        self.expect_status(status)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)
