"""The admin's list of jobs in a browser: a filter that completes names, pages, and an action, by the keyboard too."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices
from tests.e2e.person import Person
from tests.e2e.store import Store

JOBS = "/admin/jobs/job/"
ROWS = "#result_list tbody tr"


@pytest.fixture
def page(devices: Devices, store: Store) -> Page:
    return devices.open(store.admin, reduced_motion="reduce")


def check_looks(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_findings(page) == []


def choose(page: Page, label: str, text: str) -> None:
    """Complete a name in a filter, by the keyboard alone."""
    box = page.locator(f"#changelist-filter .select2-selection[aria-labelledby*='{label}']")
    box.focus()
    page.keyboard.press("Enter")
    page.keyboard.type(text)
    expect(page.locator(".select2-results__option--highlighted", has_text=text)).to_be_visible()
    page.keyboard.press("Enter")


def test_jobs_are_found_and_paged_and_canceled(page: Page, store: Store, person: Person) -> None:
    # Given sixty runs of somebody, and one that waits
    *_ended, waiting = store.run_module("tests.e2e.make_jobs", person.name, "60", "waiting")
    page.goto(JOBS)
    # When the list is filtered by the person, whose name is completed
    page.get_by_text("Filters", exact=False).first.click()
    choose(page, "owner", person.name)
    check_looks(page)
    page.get_by_role("button", name="Apply Filters").click()
    # Then only that person's runs are there, a page at a time
    expect(page).to_have_url(re.compile("owner__id__exact=[0-9]+"))
    expect(page.locator(ROWS)).to_have_count(25)
    expect(page.locator(ROWS).first).to_contain_text(waiting)
    check_looks(page)
    first = page.locator(ROWS).first.inner_text()
    page.get_by_role("link", name="Next", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("after="))
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.locator(ROWS)).to_have_count(11)
    expect(page.get_by_role("link", name="Next", exact=True)).to_have_count(0)
    for _ in range(2):
        page.get_by_role("link", name="Previous", exact=True).click()
    expect(page.locator(ROWS).first).to_have_text(first, use_inner_text=True)
    # And all of the page can be chosen, and what lies behind it; or one
    page.locator("#action-toggle").check()
    expect(page.get_by_text("25 of 25 selected")).to_be_visible()
    page.get_by_role("link", name="Choose what matches from this page on, up to 500 rows").click()
    expect(page.get_by_text("What matches from this page on is chosen")).to_be_visible()
    page.get_by_role("link", name="Clear selection").click()
    page.get_by_role("checkbox", name=waiting).check()
    page.locator("select[name=action]").select_option("cancel_jobs")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("1 job is being canceled.")).to_be_visible()
    expect(page.locator(ROWS).first).to_contain_text("Canceled")


def test_the_list_fits_a_phone(devices: Devices, store: Store, person: Person) -> None:
    store.run_module("tests.e2e.make_jobs", person.name, "3")
    phone = devices.open(store.admin, **PHONE, reduced_motion="reduce")
    phone.goto(f"{JOBS}?q={person.name}")
    expect(phone.locator(ROWS)).to_have_count(3)
    check_looks(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
