"""The pages of an author: a bundle goes in and is followed, on a desk, on a phone and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.devices import PHONE, Devices
from tests.e2e.person import Person
from tests.e2e.test_accessibility import assert_accessible
from tests.e2e.test_every_page import assert_fits
from tests.releases.hostile_case import Plan

BAD = {
    "files": {"evil.pth": b"x", ".env": b"x", "acme_tool.py": b"KEY = 'ghp_f8Kq2mZx9LpR4tVw7YbN3cJd6HsG1aQe5UiX'\n"},
    "header": {"platforms": ["windows-x86_64-cp311"]},
}


def make(folder: Path, name: str, **values: object) -> Path:
    folder.mkdir()
    return Plan(name=name, tool={"slug": name, "title": name.title()}, **values).write(folder)  # type: ignore[arg-type]


def submit(page: Page, bundle: Path) -> None:
    page.goto("/plugins/")
    page.get_by_label("Bundle").set_input_files(bundle)
    page.get_by_role("button", name="Submit").click()


def test_a_newcomer_reads_how_to_begin(devices: Devices, person: Person) -> None:
    page = devices.open(person, reduced_motion="reduce")
    page.goto("/account/")
    page.get_by_role("link", name="My plugins").click()
    expect(page.get_by_text("You have submitted no plugin yet")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Write your first tool").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_bundle_is_submitted_followed_and_withdrawn(devices: Devices, person: Person, tmp_path: Path) -> None:
    # Given a bundle that is submitted with JavaScript
    page = devices.open(person, reduced_motion="reduce")
    submit(page, make(tmp_path / "a", "cloud-atlas"))
    # Then its page comes without being loaded, and the address is its own
    expect(page.get_by_role("heading", level=1, name="cloud-atlas")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="cloud-atlas 1.2.0 is submitted.")).to_be_visible()
    assert page.url.endswith("/plugins/cloud-atlas/")
    page.get_by_text("Details").click()
    assert_accessible(page)
    page.reload()
    # When it is withdrawn, it is gone
    page.get_by_role("link", name="Withdraw 1.2.0").click()
    assert_accessible(page)
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_text("You have submitted no plugin yet")).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_all_that_is_wrong_is_shown(devices: Devices, person: Person, tmp_path: Path, options: dict[str, bool]) -> None:
    page = devices.open(person, reduced_motion="reduce", **options)
    submit(page, make(tmp_path / "b", "tin-drummer", **BAD))
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("The store does not take this bundle.")
    expect(refusal.get_by_role("listitem")).to_have_count(4)
    expect(refusal).to_contain_text("evil.pth, which each Python runs at its start")
    if not options:
        assert_accessible(page)


def test_it_fits_a_phone(devices: Devices, person: Person, tmp_path: Path) -> None:
    page = devices.open(person, reduced_motion="reduce", **PHONE)
    page.goto("/plugins/")
    assert_fits(page)
    submit(page, make(tmp_path / "c", "glass-harmonica-player", **BAD))
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fits(page)
    submit(page, make(tmp_path / "d", "glass-harmonica-player"))
    expect(page.get_by_role("heading", level=1, name="glass-harmonica-player")).to_be_visible()
    assert_fits(page)
    page.goto("/plugins/")
    assert_fits(page)
    assert_accessible(page)
