"""Each page keeps the content policy, and fits a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.devices import PHONE, Devices
from tests.e2e.gallery import ADMIN, GUEST, MEMBER, NEWCOMER, Gallery
from tests.e2e.person import Person
from tests.e2e.store import Store
from tests.e2e.tool_form import ToolForm

WIDTH = 390
TOO_SMALL = """() => {
  const actions = "a.button, button, nav a, header a, summary, select, input, textarea, a.tag";
  const small = [...document.querySelectorAll(actions)].filter((action) => {
    const seen = action.checkVisibility({ visibilityProperty: true }) && !action.closest(".visually-hidden, .skip");
    const { width, height } = action.getBoundingClientRect();
    return seen && (width < 24 || height < 24);
  });
  return small.map((action) => action.outerHTML.slice(0, 200));
}"""


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_keeps_its_policy(devices: Devices, gallery: Gallery, name: str) -> None:
    """As for all tests here: `devices` fails a test whose browser complained."""
    person, address = gallery.find(name)
    page = devices.open(person)
    page.goto(address)
    expect(page.locator("body")).to_contain_text("gptstore")
    assert page.title()


@pytest.mark.parametrize("options", [{"viewport": {"width": 1280, "height": 900}}, PHONE], ids=["desk", "phone"])
def test_a_tool_fits_the_admin(devices: Devices, gallery: Gallery, options: dict[str, Any]) -> None:
    page = devices.open(gallery.admin, **options)
    page.goto("/admin/catalog/tool/?q=translator")
    page.get_by_role("link", name="Translator", exact=True).click()
    expect(page.locator("pre").first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= options["viewport"]["width"]


def test_the_api_is_shown_and_can_be_tried_out(page: Page) -> None:
    page.goto("/api/docs")
    page.locator("[data-path='/api/v1/tools']").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


@pytest.mark.parametrize("name", [*GUEST, *MEMBER, *NEWCOMER])
def test_a_page_fits_a_phone(devices: Devices, gallery: Gallery, name: str) -> None:
    person, address = gallery.find(name)
    page = devices.open(person, **PHONE)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_fits(page)


def test_the_api_documentation_fits_a_phone(devices: Devices) -> None:
    page = devices.open(**PHONE)
    page.goto("/api/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_a_tool_runs_on_a_phone(devices: Devices, store: Store, person: Person) -> None:
    # Given a phone
    page = devices.open(person, **PHONE)
    page.goto("/")
    # When a person taps their way to an answer
    page.get_by_role("link", name="Code writer").tap()
    page.wait_for_url("**/tools/code-writer/")
    page.locator("[data-example]").first.tap()
    form = ToolForm(page, "code-writer")
    expect(form.field("Task")).not_to_be_empty()
    page.get_by_role("button", name="Run").tap()
    page.wait_for_url("**/runs/*/")
    # Then it fits while it is written, and at the end
    assert_fits(page)
    expect(page.locator("#run[data-final=true]")).to_be_attached(timeout=60_000)
    assert_fits(page)
    assert page.locator("#output-raw").input_value() == store.job(person, page.url)["output"]


def assert_fits(page: Page) -> None:
    """No sideways scrolling, and nothing too small for a finger."""
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert page.evaluate(TOO_SMALL) == []
