"""The fleet page in a browser: it follows the workers by itself, quietly, and an admin drains one with it."""

import pytest
from playwright.sync_api import Page, expect

from harness.waiting import wait_until
from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices
from tests.e2e.person import Person
from tests.e2e.store import Store

WAIT_MS = 60_000


@pytest.fixture
def fleet(devices: Devices, store: Store) -> Page:
    page = devices.open(store.admin, reduced_motion="reduce")
    page.goto("/admin/fleet/")
    return page


def test_a_worker_is_drained_and_resumed_and_the_page_follows_by_itself(
    fleet: Page, store: Store, person: Person
) -> None:
    # Given the fleet page
    worker = fleet.locator(".worker")
    expect(worker).to_have_count(1)
    expect(worker.get_by_text("Takes jobs")).to_be_visible()
    # When the worker is drained
    fleet.get_by_role("button", name="Drain").click()
    expect(worker.get_by_text("Drained", exact=True)).to_be_visible(timeout=WAIT_MS)
    run = store.run(person, "qa", {"passage": "The tower is red.", "question": "What is red?"})
    # Then jobs wait, which the page shows without being loaded anew
    expect(worker.locator("dl")).to_contain_text("Queued for it 1", timeout=WAIT_MS, use_inner_text=True)
    assert store.job(person, run)["status"] == "queued"
    assert not serious_findings(fleet)
    # Until it is resumed
    fleet.get_by_role("button", name="Resume").click()
    store.wait_for_end(person, run)
    expect(worker.locator("dl")).to_contain_text("Queued for it 0", timeout=WAIT_MS, use_inner_text=True)


def test_a_look_leaves_the_focus_and_what_is_open_alone(fleet: Page) -> None:
    # Given a button with the focus, and a part that somebody opened
    button = fleet.get_by_role("button", name="Drain")
    button.focus()
    fleet.evaluate("document.querySelector('.worker h3').dataset.mark = 'kept'")
    looks: list[str] = []
    fleet.on("response", lambda response: looks.append(response.url))
    # When the page has looked twice
    wait_until(lambda: len(looks) >= 2, "two looks", pause=lambda seconds: fleet.wait_for_timeout(1000 * seconds))
    # Then they are as they were
    expect(button).to_be_focused()
    assert fleet.locator("[data-mark=kept]").count() == 1


def test_a_page_says_that_it_is_not_up_to_date_while_the_store_does_not_answer(fleet: Page) -> None:
    stale = fleet.get_by_text("The store does not answer.")
    expect(stale).to_be_hidden()
    fleet.route("**/admin/fleet/?live=1", lambda route: route.fulfill(status=503))
    expect(stale).to_be_visible(timeout=WAIT_MS)
    fleet.unroute("**/admin/fleet/?live=1")
    expect(stale).to_be_hidden(timeout=WAIT_MS)


@pytest.mark.parametrize("address", ["/admin/", "/admin/fleet/"])
def test_it_can_be_read_without_scripts_and_on_a_phone(devices: Devices, store: Store, address: str) -> None:
    plain = devices.open(store.admin, java_script_enabled=False)
    plain.goto(address)
    expect(plain.get_by_role("link", name="Reload the page")).to_be_visible()
    phone = devices.open(store.admin, **PHONE)
    phone.goto(address)
    expect(phone.locator(".load h2").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
