"""The account page: keys for programs, and the password."""

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.store import Store


def list_jobs(store: Store, key: str) -> int:
    return httpx.get(f"{store.url}/api/v1/jobs", headers={"Authorization": f"Bearer {key}"}, timeout=30).status_code


def test_a_key_is_shown_once_works_and_can_be_revoked(page: Page, store: Store) -> None:
    # Given a new key
    page.goto("/account/")
    page.get_by_label("Name").fill("my laptop")
    page.get_by_role("button", name="Make a key").click()
    key = page.locator("#secret").inner_text()
    # When a program uses it, it works
    assert key.startswith("gs_")
    assert list_jobs(store, key) == 200
    # And nobody sees it again
    page.reload()
    expect(page.get_by_text(key)).to_have_count(0)
    # When it is revoked
    page.get_by_role("link", name="Revoke my laptop").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_role("status").filter(has_text="no longer works")).to_be_visible()
    # Then the program is turned away
    assert list_jobs(store, key) == 401
    expect(page.get_by_role("cell", name=key[:8])).to_have_count(0)


def test_a_key_needs_a_name(page: Page) -> None:
    page.goto("/account/")
    page.get_by_label("Name").fill("   ")
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field-error:visible")).not_to_be_empty()


def test_a_person_changes_their_password(page: Page, person: Person) -> None:
    page.goto("/accounts/password/change/")
    page.get_by_label("Current Password").fill(person.password)
    page.get_by_label("New Password", exact=True).fill("another phrase of mine")
    page.get_by_label("New Password (again)").fill("another phrase of mine")
    page.locator("main").get_by_role("button").click()
    expect(page.get_by_role("status").filter(has_text="Password successfully changed.")).to_be_visible()
