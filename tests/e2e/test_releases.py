"""A release's way in the admin: from the queue by review and approval to the fleet, and back."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices
from tests.e2e.store import Store

SECOND = "import os\n# \u202e<img src=x onerror=alert(1)>"
LIVE_MS = 90_000


def take(page: Page, step: str, note: str = "") -> None:
    """Take a step from the page of a release or a plugin, and confirm it."""
    page.get_by_role("link", name=f"{step}…", exact=True).click()
    if note:
        page.locator("textarea[name=note]").fill(note)
    page.locator(".sheet").get_by_role("button", name=step, exact=True).click()


@pytest.fixture
def page(devices: Devices, store: Store) -> Page:
    return devices.open(store.admin, reduced_motion="reduce")


def submit(store: Store, version: str, imports: str = "") -> dict[str, int]:
    """Submit a release, and wait until a worker has checked it."""
    found: dict[str, int] = store.run_module("tests.e2e.make_releases", store.people[0].name, version, imports)
    return found


def expect_live(page: Page, version: str) -> None:
    """Wait until the page of a plugin says, by itself, that this version is live."""
    expect(page.locator("#rollout")).not_to_contain_text("Rolling out", timeout=LIVE_MS)
    expect(page.locator("#rollout .facts").first).to_contain_text(version)


def check_looks(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_findings(page) == []


def test_a_release_goes_from_the_queue_to_the_fleet_and_back(page: Page, store: Store, devices: Devices) -> None:
    # Given a submitted release
    ids = submit(store, "1.0")
    page.goto("/admin/")
    page.get_by_role("link", name="rate_review Review queue").click()
    page.get_by_role("link", name="acme-tool 1.0").click()
    expect(page.locator(".file").first).to_contain_text("def say(")
    # Which a worker has checked
    checks = page.locator("section", has=page.get_by_role("heading", name="Checks on a worker"))
    expect(checks.get_by_role("row").filter(has_text="A word")).to_contain_text("hi 1.0")
    checks.get_by_text("Log of the check").click()
    expect(checks.get_by_role("log")).to_contain_text("Its process is ready")
    # When it is approved and deployed
    take(page, "Reject")
    expect(page.locator("textarea[name=note]")).to_be_visible()  # which needs a note
    page.get_by_role("link", name="Back").click()
    take(page, "Approve", "It is short and clear.")
    expect(page.get_by_role("heading", name="Signature of the store")).to_be_visible()
    take(page, "Deploy", "The first one.")
    # Then workers take it, and the page says by itself that it is live
    expect_live(page, "1.0")
    check_looks(page)

    # And when the next one is submitted, what is different in it is shown, and harmless
    after = submit(store, "1.1", SECOND)
    page.goto(f"/admin/releases/release/{after['release']}/change/")
    code = page.locator(".file").first
    expect(code.locator("tr.added").first).to_contain_text("import os")
    expect(code).to_contain_text("\\u202e<img src=x onerror=alert(1)>")
    assert page.locator(".sheet img").count() == 0
    check_looks(page)
    checks = page.locator("section", has=page.get_by_role("heading", name="Checks on a worker"))
    expect(checks.get_by_role("row").filter(has_text="A word")).to_contain_text("hi 1.0")
    expect(checks.get_by_role("row").filter(has_text="A word")).to_contain_text("hi 1.1")
    take(page, "Approve")
    take(page, "Deploy")
    expect_live(page, "1.1")
    # And the way back is one click and a confirmation
    take(page, "Roll back", "It is slow.")
    expect(page.locator("#rollout .facts").first).to_contain_text("1.0")
    expect(page.get_by_text("It is slow.").first).to_be_visible()

    # And all of it is in the audit log, and fits a phone
    phone = devices.open(store.admin, **PHONE, reduced_motion="reduce")
    for address in (
        "/admin/audit/auditevent/?target=acme-tool",
        f"/admin/releases/release/{after['release']}/change/",
        f"/admin/releases/plugin/{ids['plugin']}/change/",
        f"/admin/releases/plugin/{ids['plugin']}/deploy/",
    ):
        phone.goto(address)
        expect(phone.locator(".sheet").first).to_be_visible()
        check_looks(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/admin/audit/auditevent/?target=acme-tool")
    for action in (
        "release.submit",
        "release.check",
        "release.approve",
        "release.sign",
        "release.roll_back",
    ):
        expect(page.get_by_text(action).first).to_be_visible()
    expect(page.get_by_text("Verified up to event")).to_be_visible()
