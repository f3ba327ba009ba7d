"""Everything that matters works in a browser without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.devices import Devices
from tests.e2e.person import Person
from tests.e2e.store import Store
from tests.e2e.texts import LIGHTHOUSE
from tests.e2e.tool_form import ToolForm


@pytest.fixture
def plain_page(devices: Devices, person: Person) -> Page:
    return devices.open(person, java_script_enabled=False)


def test_a_tool_is_found_run_and_read(plain_page: Page, store: Store, person: Person) -> None:
    # Given a search
    plain_page.goto("/")
    plain_page.get_by_role("searchbox", name="Search tools").fill("french")
    plain_page.get_by_role("button", name="Search").click()
    plain_page.get_by_role("link", name="Translator").click()
    # When the form is sent
    form = ToolForm(plain_page, "translator")
    form.field("Text").fill("Good morning.")
    form.field("Into").first.select_option("French")
    run = form.run()
    # Then the page loads itself anew until it shows the result
    run.expect_status("Succeeded")
    stored = store.job(person, run.url)["output"]
    expect(run.shown).to_have_text(stored)


def test_an_example_is_a_link(plain_page: Page) -> None:
    form = ToolForm(plain_page, "translator").open()
    plain_page.locator("[data-example]").first.click()
    expect(form.field("Text")).not_to_be_empty()


def test_errors_are_shown(plain_page: Page) -> None:
    form = ToolForm(plain_page, "translator").open()
    form.field("Text").fill("   ")
    form.field("Into").first.select_option("French")
    plain_page.get_by_role("button", name="Run").click()
    expect(plain_page.get_by_role("alert")).to_contain_text("Please check what you entered")
    expect(form.field("Text")).to_have_attribute("aria-invalid", "true")


def test_a_run_can_be_canceled(plain_page: Page) -> None:
    form = ToolForm(plain_page, "translator").open()
    form.field("Text").fill("\n\n".join([LIGHTHOUSE] * 40))
    form.field("Into").first.select_option("French")
    run = form.run()
    run.cancel.click()
    run.expect_status("Canceled")
