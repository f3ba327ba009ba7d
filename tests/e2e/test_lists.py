"""A catalogue with many tools: its home, and lists that one reads page by page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_findings
from tests.e2e.devices import Devices
from tests.e2e.store import Store

MANY = 60


@pytest.fixture(scope="module", autouse=True)
def many_tools(store: Store) -> Iterator[None]:
    store.run_module("tests.e2e.make_tools", str(MANY))
    yield
    store.run_module("tests.e2e.make_tools", "0")


def test_a_list_grows_where_one_reads_it(guest_page: Page) -> None:
    # Given the list of a category that home leads to
    guest_page.goto("/")
    guest_page.get_by_role("link", name=f"All {MANY} tools in Letters").click()
    cards = guest_page.locator(".card h3")
    expect(cards).to_have_count(24)
    # When somebody wants more, by the keyboard
    more = guest_page.get_by_role("link", name="More", exact=True)
    more.focus()
    guest_page.keyboard.press("Enter")
    # Then these come after the others, and the first of them has the focus
    expect(cards).to_have_count(48)
    expect(guest_page.get_by_role("link", name="Letter 24")).to_be_focused()
    more.click()
    expect(cards).to_have_count(MANY)
    expect(more).to_have_count(0)
    assert cards.all_text_contents() == [f"Letter {number:02}" for number in range(MANY)]


def test_results_of_a_search_grow_too(guest_page: Page) -> None:
    guest_page.goto("/")
    guest_page.get_by_role("searchbox", name="Search tools").press_sequentially("letter", delay=10)
    cards = guest_page.locator("#results .card h3")
    expect(cards).to_have_count(24)
    guest_page.get_by_role("link", name="More", exact=True).click()
    expect(cards).to_have_count(48)
    assert len(set(cards.all_text_contents())) == 48


def test_without_javascript_the_pages_are_links(devices: Devices) -> None:
    page = devices.open(java_script_enabled=False)
    page.goto("/categories/letters/?sort=title")
    seen: list[str] = []
    while True:
        seen += page.locator(".card h3").all_text_contents()
        more = page.get_by_role("link", name="More", exact=True)
        if not more.count():
            break
        more.click()
    assert seen == [f"Letter {number:02}" for number in range(MANY)]
    page.get_by_role("link", name="From the beginning").click()
    expect(page.get_by_role("link", name="Letter 00")).to_be_visible()
    page.get_by_role("link", name="New").click()
    expect(page.locator(".card h3").first).to_have_text("Letter 59")


def test_a_tool_leads_to_those_like_it(guest_page: Page) -> None:
    guest_page.goto("/tools/letter-1/")
    guest_page.get_by_role("link", name="Ada & Co").click()
    expect(guest_page.get_by_role("heading", level=1)).to_have_text("Publisher Ada & Co")
    guest_page.goto("/tools/letter-1/")
    guest_page.get_by_role("link", name="formal").click()
    expect(guest_page.get_by_text("30 tools")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "address", ["/", "/categories/letters/", "/tags/formal/", "/publishers/Ada%20&%20Co/", "/?q=letter"]
)
def test_the_pages_fit_and_have_no_serious_finding(devices: Devices, address: str, width: int) -> None:
    page = devices.open(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page.goto(address)
    expect(page.locator(".card").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found[scheme] = serious_findings(page)
    assert found == {"light": [], "dark": []}
