"""The way to the API: its page, on which one can try it, and the keys."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.devices import Devices
from tests.e2e.person import Person
from tests.e2e.store import Store

SECRET = re.compile(r"gs_[A-Za-z0-9_-]{40}")


def open_operation(page: Page, name: str) -> None:
    page.goto("/api/docs")
    block = page.locator(f"#operations-{name}")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()


def test_a_guest_reads_and_tries_the_catalogue(guest_page: Page) -> None:
    outside = []
    guest_page.on("request", lambda request: outside.append(request.url))
    open_operation(guest_page, "tools-list_tools")
    guest_page.get_by_role("button", name="Execute").click()
    expect(guest_page.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("200")
    assert not [url for url in outside if not url.startswith((guest_page.url.split("/api/")[0], "data:", "blob:"))]


def test_somebody_who_is_signed_in_tries_a_run_without_a_key(page: Page) -> None:
    open_operation(page, "jobs-run_tool")
    operation = page.locator("#operations-jobs-run_tool")
    operation.get_by_placeholder("slug").fill("code-writer")
    operation.locator("textarea").fill('{"input": {"task": "Add two numbers."}}')
    with page.expect_response("**/api/v1/tools/code-writer/jobs") as answer:
        operation.get_by_role("button", name="Execute").click()
    assert answer.value.status == 202
    assert answer.value.json()["input"]["task"] == "Add two numbers."


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_key_is_made_shown_once_and_revoked(devices: Devices, store: Store, person: Person, scripts: bool) -> None:
    def status_with(secret: str) -> int:
        return httpx.get(f"{store.url}/api/v1/jobs", headers={"Authorization": f"Bearer {secret}"}).status_code

    # Given a person on the account page
    page = devices.open(person, java_script_enabled=scripts)
    page.goto("/account/")
    # When they make a key, with the keyboard
    page.get_by_label("Name").fill("my laptop")
    page.get_by_label("Name").press("Enter")
    # Then it is shown and works
    secret = page.locator("#secret").text_content() or ""
    assert SECRET.fullmatch(secret)
    assert status_with(secret) == 200
    # And a reload neither shows it again nor makes another
    page.reload()
    expect(page.locator("#secret")).to_have_count(0)
    entry = page.get_by_role("listitem").filter(has_text="my laptop")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text(secret[:8])
    # And it works until it is revoked, which takes two steps
    entry.get_by_role("link", name="Revoke my laptop").click()
    assert status_with(secret) == 200
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("The key “my laptop” no longer works.")).to_be_visible()
    assert status_with(secret) == 401


def test_the_new_key_is_copied(devices: Devices, person: Person) -> None:
    page = devices.open(person, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/account/")
    page.get_by_label("Name").fill("copied")
    page.get_by_role("button", name="Make a key").click()
    secret = page.locator("#secret").text_content()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
