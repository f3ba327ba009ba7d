"""No page has a serious finding of axe-core, in light or dark; and nobody is made to see things move."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_findings
from tests.e2e.devices import Devices
from tests.e2e.gallery import ADMIN, GUEST, MEMBER, NEWCOMER, Gallery
from tests.e2e.person import Person
from tests.e2e.run_page import RunPage
from tests.e2e.store import Store
from tests.e2e.texts import long_text
from tests.e2e.tool_form import ToolForm

ENDLESS = {"text": long_text(40), "source": "en", "target": "fr"}
MOVING = "document.getAnimations().filter((animation) => animation.playState === 'running').length"


@pytest.fixture
def still_page(devices: Devices, person: Person) -> Page:
    """Where nothing moves: colours on their way to others are no finding."""
    return devices.open(person, reduced_motion="reduce")


def assert_accessible(page: Page) -> None:
    findings = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        if found := serious_findings(page):
            findings[scheme] = found
    text = "\n".join(f"in {scheme}: {finding}" for scheme, found in findings.items() for finding in found)
    assert not findings, f"{page.url}\n{text}"


@pytest.mark.parametrize("name", [*GUEST, *MEMBER, *NEWCOMER, *ADMIN])
def test_a_page_has_no_serious_finding(devices: Devices, gallery: Gallery, name: str) -> None:
    person, address = gallery.find(name)
    page = devices.open(person, reduced_motion="reduce")
    page.goto(address)
    expect(page.get_by_role("heading").first).to_be_visible()
    assert_accessible(page)


def test_a_form_with_errors_has_no_serious_finding(still_page: Page) -> None:
    ToolForm(still_page, "qa").open().fill(passage="   ", question="y" * 501)
    still_page.get_by_role("button", name="Run").click()
    expect(still_page.get_by_role("alert")).to_be_visible()
    assert_accessible(still_page)


def test_a_new_key_has_no_serious_finding(still_page: Page) -> None:
    still_page.goto("/account/")
    still_page.get_by_label("Name").fill("my laptop")
    still_page.get_by_role("button", name="Make a key").click()
    expect(still_page.locator("#secret")).to_be_visible()
    assert_accessible(still_page)
    still_page.get_by_role("link", name="Revoke my laptop").click()
    expect(still_page.get_by_role("button", name="Revoke the key")).to_be_visible()
    assert_accessible(still_page)


def test_a_run_has_no_serious_finding_while_it_waits_and_while_it_writes(
    still_page: Page, store: Store, person: Person
) -> None:
    run = RunPage(still_page)
    with store.worker_halted():
        still_page.goto(store.run(person, "translator", ENDLESS))
        run.expect_status("Queued")
        assert_accessible(still_page)
    run.expect_text()
    with store.worker_halted():
        run.expect_status("Running")
        assert_accessible(still_page)
    run.cancel.click()
    run.expect_end("Canceled")


@pytest.mark.parametrize(("wish", "moves"), [("no-preference", True), ("reduce", False)])
def test_things_move_only_for_those_who_like_it(
    devices: Devices, store: Store, person: Person, wish: str, moves: bool
) -> None:
    page = devices.open(person, reduced_motion=wish)
    page.goto(store.run(person, "translator", ENDLESS))
    run = RunPage(page)
    run.expect_text()
    with store.worker_halted():
        run.expect_status("Running")
        assert bool(page.evaluate(MOVING)) is moves
    run.cancel.click()
    run.expect_end("Canceled")
