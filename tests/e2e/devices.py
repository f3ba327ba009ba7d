"""Browser windows of people: on their desks, on their phones, without JavaScript."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.person import Person
from tests.e2e.problems import Problems

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
WAIT_MS = 15_000


class Devices:
    """Opens devices, and closes them all at the end; what their browsers complained about is in `problems`."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.problems = Problems()
        self.contexts: list[BrowserContext] = []

    def open(self, person: Person | None = None, **options: Any) -> Page:
        """An empty page on a device of its own, where `person` is signed in. `options` are Playwright's."""
        context = self.browser.new_context(base_url=self.url, **options)
        context.set_default_timeout(WAIT_MS)
        self.contexts.append(context)
        self.problems.watch(context)
        if person:
            context.add_cookies([{"name": "sessionid", "value": person.session, "url": self.url}])
        return context.new_page()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
