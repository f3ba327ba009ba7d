"""A tool's form helps people to enter what the tool takes."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.store import Store
from tests.e2e.tool_form import ToolForm

INVALID = ("aria-invalid", "true")


def test_an_empty_form_is_not_sent_and_the_field_gets_the_focus(page: Page) -> None:
    form = ToolForm(page, "translator").open()
    page.get_by_role("button", name="Run").click()
    expect(form.field("Text")).to_be_focused()
    expect(page).to_have_url("/tools/translator/")


def test_a_field_says_what_is_wrong_when_it_is_left_and_again_when_it_is_right(page: Page) -> None:
    # Given a question that is too long
    question = ToolForm(page, "qa").open().field("Question")
    question.fill("y" * 501)
    expect(page.locator(".counter.over")).to_have_text("501 / 500")
    # When the person goes on to the next field
    question.blur()
    # Then the field itself says so, also to screen readers
    expect(question).to_have_attribute(*INVALID)
    expect(question).to_have_accessible_description(re.compile("500"))
    error = page.locator(".field-error:visible")
    expect(error).to_contain_text("500")
    # And takes it back while it is being corrected
    question.press("End")
    question.press("Backspace")
    expect(error).to_have_count(0)
    expect(question).not_to_have_attribute(*INVALID)


def test_a_form_with_errors_comes_back_with_a_summary_that_has_the_focus(page: Page) -> None:
    # Given a form with nothing but spaces in a field that is needed, and too much in another
    form = ToolForm(page, "qa").open().fill(passage="   ", question="y" * 501)
    # When it is sent
    page.get_by_role("button", name="Run").click()
    # Then a summary names both, and is what a screen reader reads next
    summary = page.get_by_role("alert").filter(has_text="Please check what you entered")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error"))
    expect(form.field("Passage")).to_have_attribute(*INVALID)
    expect(form.field("Question")).to_have_attribute(*INVALID)
    expect(form.field("Question")).to_have_value("y" * 501)
    # And its links lead to the fields
    summary.get_by_role("link", name="Question").click()
    expect(form.field("Question")).to_be_focused()


def test_every_example_fills_the_form_and_the_last_one_counts(page: Page) -> None:
    form = ToolForm(page, "translator").open()
    examples = page.locator("[data-example]")
    seen = set()
    for number in range(examples.count()):
        examples.nth(number).click()
        seen.add(form.field("Text").input_value())
    assert len(seen) == examples.count() >= 3
    expect(page.get_by_role("status").filter(has_text="The example is filled in.")).to_be_attached()


def test_ctrl_enter_runs(page: Page, store: Store, person: Person) -> None:
    form = ToolForm(page, "code-writer").open()
    form.field("Task").fill("Add two numbers.")
    form.field("Task").press("Control+Enter")
    page.wait_for_url("**/runs/*/")
    assert store.job(person, page.url)["input"]["task"] == "Add two numbers."


def test_one_press_is_one_run(page: Page, store: Store, person: Person) -> None:
    form = ToolForm(page, "code-writer").open()
    form.field("Task").fill("Add two numbers.")
    page.get_by_role("button", name="Run").dblclick(no_wait_after=True)
    page.wait_for_url("**/runs/*/")
    assert store.api(person, "GET", "jobs").json()["count"] == 1


def test_run_again_starts_from_the_same_input(page: Page, store: Store, person: Person) -> None:
    # Given a run
    data = {"text": "Guten Morgen.\n\nWie geht es dir?", "source": "de", "target": "zh"}
    page.goto(store.run(person, "translator", data))
    # When it is run again
    page.get_by_role("link", name="Run again").click()
    form = ToolForm(page, "translator")
    expect(form.field("Text")).to_have_value(data["text"])
    run = form.run()
    # Then the new one has the same input
    assert store.job(person, run.url)["input"] == data
