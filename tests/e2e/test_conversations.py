"""A conversation: its first message, the answer, and the reply, with and without JavaScript, and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices
from tests.e2e.person import Person
from tests.e2e.run_page import RunPage
from tests.e2e.tool_form import ToolForm


def turns(page: Page) -> list[str]:
    return page.locator("#run .turn-text").all_text_contents()


def next_run(page: Page, earlier: str) -> RunPage:
    page.wait_for_url(lambda url: url != earlier and "/runs/" in url)
    return RunPage(page).expect_open()


def test_a_conversation_goes_on_by_keyboard_alone(page: Page) -> None:
    # Given a first message
    ToolForm(page, "chat").open().field("Conversation").fill("What is a harbour?")
    page.keyboard.press("Control+Enter")
    run = RunPage(page).expect_open()
    run.expect_end()
    first, address = run.text, run.url
    assert turns(page) == ["What is a harbour?"]
    # When the answer is replied to
    page.get_by_label("Your reply").fill("And a ship?")
    page.keyboard.press("Control+Enter")
    next_run(page, address).expect_end()
    # Then the next run has the whole conversation
    page.locator(".earlier summary").click()
    assert turns(page) == ["What is a harbour?", first, "And a ship?"]
    expect(page.get_by_label("Your reply")).to_be_empty()
    assert serious_findings(page) == []


def test_an_example_brings_its_earlier_turns_and_another_one_takes_them_away(page: Page) -> None:
    form = ToolForm(page, "chat").open()
    page.get_by_role("link", name="A second question").click()
    expect(page.locator("#tool-form .turn")).to_have_count(2)
    expect(form.field("Conversation")).to_have_value("And why is it not at the same hour every day?")

    page.get_by_role("link", name="A question", exact=True).click()

    expect(page.locator("#tool-form .turn")).to_have_count(0)
    assert page.locator("[name=input-messages-earlier]").input_value() == "[]"


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desk", "phone"])
def test_a_conversation_needs_no_javascript(devices: Devices, person: Person, device: dict[str, object]) -> None:
    page = devices.open(person, java_script_enabled=False, **device)
    page.goto("/tools/chat/?example=2")
    page.get_by_role("button", name="Run").click()
    run = RunPage(page).expect_open()
    run.expect_status("Succeeded")
    address = run.url

    page.get_by_label("Your reply").fill("Why?")
    page.get_by_role("button", name="Reply").click()

    next_run(page, address).expect_status("Succeeded")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "4 earlier messages" in page.locator(".earlier summary").inner_text()
    assert "Why?" in page.locator("#run > .columns .turn.user").last.inner_text()
