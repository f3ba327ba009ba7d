"""Reading the documentation: found by words, walked through by keyboard, on a phone and without JavaScript."""

from playwright.sync_api import Page, expect

from tests.e2e.devices import PHONE, Devices
from tests.e2e.test_keyboard import tab_to

SECTION = "7. Install it"
WIDER = "(box) => box.scrollWidth > box.clientWidth"


def test_the_search_narrows_while_one_types(guest_page: Page) -> None:
    # Given the documentation, reached from the footer
    guest_page.goto("/")
    guest_page.get_by_role("link", name="Documentation").click()
    # When a person types the beginning of a word
    search = guest_page.get_by_role("searchbox", name="Search the documentation")
    search.press_sequentially("idempot", delay=10)
    # Then they see where it stands, and its address can be shared
    expect(guest_page.locator(".docs-found h3").first).to_have_text("The API")
    expect(guest_page.get_by_role("status")).to_contain_text("“idempot”")
    expect(guest_page).to_have_url("/docs/?q=idempot")
    guest_page.locator(".docs-found").get_by_role("link", name="Retry safely with Idempotency-Key").click()
    expect(guest_page.get_by_role("heading", name="Retry safely with Idempotency-Key")).to_be_in_viewport()
    # And the whole list is back when the words are gone
    guest_page.go_back()
    guest_page.get_by_role("searchbox", name="Search the documentation").fill("")
    expect(guest_page.get_by_role("heading", name="Write a tool")).to_be_visible()


def test_the_header_searches_the_documentation_from_its_pages(guest_page: Page) -> None:
    guest_page.goto("/docs/models/")
    search = guest_page.get_by_role("searchbox", name="Search the documentation")
    search.fill("zebra")
    search.press("Enter")
    expect(guest_page.get_by_role("heading", name="Nothing about “zebra”")).to_be_visible()


def test_one_reads_and_searches_without_javascript(devices: Devices) -> None:
    page = devices.open(java_script_enabled=False)
    page.goto("/docs/")
    page.get_by_role("searchbox", name="Search the documentation").fill("lease worker")
    page.get_by_role("button", name="Search").click()
    page.locator(".docs-found").get_by_role("link", name="Reliability").click()
    expect(page.get_by_role("heading", name="Reliability", level=1)).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="Benchmarks", level=1)).to_be_visible()


def test_the_table_of_contents_leads_by_keyboard_and_shows_where_one_is(guest_page: Page) -> None:
    guest_page.goto("/docs/writing-a-tool/")
    contents = guest_page.get_by_role("navigation", name="On this page")
    contents.get_by_role("link", name=SECTION).focus()
    guest_page.keyboard.press("Enter")
    expect(guest_page.get_by_role("heading", name=SECTION)).to_be_in_viewport()
    expect(contents.get_by_role("link", name=SECTION)).to_have_attribute("aria-current", "true")
    expect(contents).to_be_in_viewport()


def test_what_is_wider_than_the_page_is_reached_and_scrolled_by_keyboard(devices: Devices) -> None:
    page = devices.open(viewport={"width": 700, "height": 700}, reduced_motion="reduce")
    page.goto("/docs/decisions/0006-our-own-engine/")
    page.evaluate("document.querySelectorAll('pre, .table-wrap').forEach((box) => box.style.width = '9rem')")
    wide = page.locator(".docs-article [role=group][tabindex='0']").first
    expect(wide).to_be_attached()
    assert wide.evaluate(WIDER)
    tab_to(page, wide)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(box) => box.scrollLeft > 0", arg=wide.element_handle())


def test_on_a_phone_the_table_of_contents_is_folded(devices: Devices) -> None:
    page = devices.open(**PHONE)
    page.goto("/docs/writing-a-tool/")
    link = page.get_by_role("navigation", name="On this page").get_by_role("link", name=SECTION)
    expect(link).to_be_hidden()
    page.get_by_text("On this page").first.tap()
    link.tap()
    expect(page.get_by_role("heading", name=SECTION)).to_be_in_viewport()
