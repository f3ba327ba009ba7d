"""The form of a tool with an input of every kind, in a browser: on a desk, on a phone, without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from harness.redis import RedisServer
from harness.site import Site
from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices

MAKE = """
from gptstore.catalog.models import Tool
from harness.rows import make_tool
from tests.every_input import every_input
examples = [{"title": example.title, "input": example.input} for example in every_input.examples]
make_tool("every-input", input_schema=every_input.input_schema, examples=examples)
"""


@pytest.fixture(scope="module")
def site(browser: Browser, redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
        site.manage("migrate", "--noinput")
        site.manage("collectstatic", "--noinput")
        site.manage("shell", "-c", MAKE)
        site.start_web()
        yield site


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Devices]:
    devices = Devices(browser, site.url)
    yield devices
    devices.close()
    assert not devices.problems.found


@pytest.fixture
def form(opened: Devices) -> Page:
    page = opened.open()
    page.goto("/tools/every-input/")
    return page


def control(page: Page, name: str) -> Locator:
    return page.locator(f"#tool-form [name=input-{name}]")


def group(page: Page, title: str) -> Locator:
    return page.locator("details.group").filter(has=page.locator("summary", has_text=title))


def test_an_example_fills_every_kind_and_opens_what_it_changes(form: Page) -> None:
    form.get_by_role("link", name="Long").click()
    expect(control(form, "on")).to_have_value("2026-02-28")
    expect(form.get_by_label("Friday").first).to_be_checked()
    expect(form.get_by_label("Tuesday").first).not_to_be_checked()
    expect(control(form, "to-city")).to_have_value("Paris")
    expect(control(form, "copies")).to_be_visible()
    form.get_by_role("link", name="Short").click()
    expect(control(form, "sender-name")).not_to_be_visible()
    expect(control(form, "copies")).not_to_be_visible()
    expect(control(form, "copies")).to_have_value("1")
    expect(form.get_by_label("Monday").first).to_be_checked()


def test_a_field_of_a_model_says_what_is_wrong_and_takes_it_back(form: Page) -> None:
    city = control(form, "to-city")
    city.fill("x" * 21)
    city.blur()
    error = form.locator(".field-error:visible")
    expect(error).to_have_text("At most 20 characters; this has 21.")
    expect(city).to_have_attribute("aria-invalid", "true")
    city.press("End")
    city.press("Backspace")
    expect(error).to_have_count(0)


def test_too_many_choices_are_named_and_the_error_goes_with_the_last_one(form: Page) -> None:
    days = form.get_by_role("group", name="Possible days")
    for day in ("Tuesday", "Friday"):
        days.get_by_label(day).check()
    expect(days.locator(".field-error")).to_have_text("At most 2 entries.")
    days.get_by_label("Monday").uncheck()
    expect(days.locator(".field-error")).to_be_empty()


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_a_group_does_not_hide_what_the_browser_refuses(opened: Devices, java_script_enabled: bool) -> None:
    page = opened.open(java_script_enabled=java_script_enabled)
    page.goto("/tools/every-input/?example=1")
    group(page, "Advanced").locator("summary").click()
    control(page, "copies").fill("99")
    group(page, "Advanced").locator("summary").click()
    page.get_by_role("button", name="Run").click()
    expect(control(page, "copies")).to_be_focused()
    expect(page).to_have_url("/tools/every-input/?example=1")


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_a_form_with_an_error_comes_back_with_all_that_was_entered(opened: Devices, java_script_enabled: bool) -> None:
    page = opened.open(java_script_enabled=java_script_enabled)
    page.goto("/tools/every-input/?example=2")
    control(page, "to-city").fill("   ")
    page.get_by_role("button", name="Run").click()
    summary = page.get_by_role("alert").filter(has_text="Please check what you entered")
    expect(summary).to_contain_text("Recipient: City: This field is required.")
    expect(control(page, "on")).to_have_value("2026-02-28")
    expect(control(page, "to-since")).to_have_value("2020-01-02")
    expect(page.get_by_label("Friday").first).to_be_checked()
    expect(control(page, "sender-name")).to_have_value("Ada")
    expect(control(page, "copies")).to_have_value("3")
    summary.get_by_role("link", name="Recipient: City").click()
    expect(control(page, "to-city")).to_be_focused()


def test_a_group_is_opened_and_filled_by_keyboard(form: Page) -> None:
    group(form, "Advanced").locator("summary").focus()
    form.keyboard.press("Enter")
    expect(control(form, "copies")).to_be_visible()
    form.keyboard.press("Tab")
    form.keyboard.type("7")
    expect(control(form, "copies")).to_be_focused()


def test_a_file_of_an_example_is_kept_until_another_is_chosen(form: Page) -> None:
    form.get_by_role("link", name="Long").click()
    kept = form.get_by_role("checkbox", name="Keep letter.md (5 bytes)")
    expect(kept).to_be_checked()
    control(form, "letter").set_input_files({"name": "other.txt", "mimeType": "text/plain", "buffer": b"Hi!"})
    expect(kept).not_to_be_visible()
    form.get_by_role("link", name="Long").click()
    expect(kept).to_be_checked()
    assert control(form, "letter").input_value() == ""
    form.get_by_role("link", name="Short").click()
    expect(form.locator("[name=input-letter-kept]")).not_to_be_visible()
    expect(form.locator("[name=input-letter-kept]")).not_to_be_checked()


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_a_wrong_file_is_named_and_the_error_goes_with_another(opened: Devices, java_script_enabled: bool) -> None:
    page = opened.open(java_script_enabled=java_script_enabled)
    page.goto("/tools/every-input/?example=1")
    control(page, "prices").set_input_files({"name": "a.exe", "mimeType": "text/plain", "buffer": b"MZ"})
    page.get_by_role("button", name="Run").click()
    error = page.locator(".field-error:visible")
    expect(error).to_have_text("Send a file of one of these kinds: .csv, .tsv, .txt.")
    expect(page.get_by_role("alert").filter(has_text="Please check")).to_contain_text("Prices: Send a file")
    control(page, "prices").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b"})
    if java_script_enabled:
        expect(error).to_have_count(0)
    page.get_by_role("button", name="Run").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_open_is_accessible_and_fits(opened: Devices, options: dict[str, object], scheme: str) -> None:
    page = opened.open(color_scheme=scheme, **options)
    page.goto("/tools/every-input/?example=2")
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
