"""An admin decides who sees a tool and what a run of it takes; people meet what was decided."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices
from tests.e2e.store import Store

PAGE = "/admin/catalog/tool/?q=translator"


@pytest.fixture
def page(devices: Devices, store: Store) -> Iterator[Page]:
    """The admin's page. Afterwards the tool is for everybody again: other tests use it."""
    page = devices.open(store.admin, reduced_motion="reduce")
    yield page
    open_tool(page)
    page.get_by_label("Everybody", exact=True).check()
    page.get_by_label("Longest run, in seconds").fill("")
    page.get_by_role("button", name="Save", exact=True).click()


def open_tool(page: Page) -> None:
    page.goto(PAGE)
    page.locator("#result_list a", has_text="Translator").first.click()


def check_looks(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_findings(page) == []


def test_a_tool_becomes_one_for_a_group(page: Page, store: Store, devices: Devices) -> None:
    member, other = store.next_person(), store.next_person()
    store.run_module("tests.e2e.make_groups", "Legal", member.name)
    inside, outside = devices.open(member), devices.open(other)
    # When its admin forgets the group, and asks for more than the site allows, they are told what to do
    open_tool(page)
    page.get_by_label("Members of its groups").check()
    page.get_by_label("Longest run, in seconds").fill("999999")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("Choose one group or more")
    expect(page.locator("body")).to_contain_text("This site allows 3,600 at most.")
    check_looks(page)
    # And with a group and a limit it is saved
    page.get_by_label("Legal", exact=True).check()
    page.get_by_label("Longest run, in seconds").fill("120")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("was changed successfully")
    # Then its members find it, and are told who does
    inside.goto("/?q=translator")
    inside.locator("#results .card a").first.click()
    expect(inside.locator("main")).to_contain_text("Only members of Legal see this tool.")
    assert serious_findings(inside) == []
    # And nobody else
    assert outside.request.get("/tools/translator/").status == 404
    outside.goto("/?q=translator")
    expect(outside.locator("#results a[href='/tools/translator/']")).to_have_count(0)


def test_many_tools_are_chosen_and_asked_about(page: Page, devices: Devices, store: Store) -> None:
    phone = devices.open(store.admin, **PHONE)
    for one in (page, phone):
        one.goto(PAGE)
        one.locator("input.action-select").first.check()
        one.locator("select[name=action]").select_option("set_audience")
        one.locator("button[name=index]").click()
        expect(one.locator(".sheet")).to_contain_text("1 tool was chosen: Translator")
        check_looks(one)
    page.get_by_label("Who is signed in").check()
    page.locator(".sheet").get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("1 tool was changed.")
    assert devices.open().request.get("/tools/translator/").status == 404
    assert page.request.get("/tools/translator/").status == 200
