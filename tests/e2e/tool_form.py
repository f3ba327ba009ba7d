"""A tool's form, as a person fills it in."""

from playwright.sync_api import Locator, Page

from tests.e2e.run_page import RunPage


class ToolForm:
    def __init__(self, page: Page, slug: str) -> None:
        self.page, self.slug = page, slug

    def open(self) -> "ToolForm":
        self.page.goto(f"/tools/{self.slug}/")
        return self

    def field(self, label: str) -> Locator:
        return self.page.locator("#tool-form").get_by_label(label)

    def fill(self, **values: str) -> "ToolForm":
        """Values by the names of the tool's inputs."""
        for name, value in values.items():
            control = self.page.locator(f"#tool-form [name=input-{name}]")
            kind = control.first.evaluate("(control) => control.type")
            if kind == "radio":
                self.page.locator(f"#tool-form [name=input-{name}][value={value}]").check(force=True)
            elif kind.startswith("select"):
                control.select_option(value)
            else:
                control.fill(value)
        return self

    def run(self) -> RunPage:
        self.page.locator("#tool-form").get_by_role("button", name="Run").click()
        return RunPage(self.page).expect_open()
