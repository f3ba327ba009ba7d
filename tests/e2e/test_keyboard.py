"""The whole path without a mouse, and one always sees where one is."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.run_page import RunPage
from tests.e2e.tool_form import ToolForm

MAX_STOPS = 60
HAS_RING = """() => {
  const at = document.activeElement;
  const places = [at, at.nextElementSibling, at.closest(".card"), at.closest("tr"), at.closest("label")];
  return places.some((place) => {
    const style = place && getComputedStyle(place);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
}"""


def tab_to(page: Page, target: Locator) -> None:
    """Goes on with Tab to `target`, and checks that each stop on the way is marked."""
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(HAS_RING), f"no mark at {page.evaluate('document.activeElement.outerHTML')}"
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not within {MAX_STOPS} presses of Tab")


def test_from_the_catalogue_to_the_result_by_keyboard(page: Page) -> None:
    # Given the catalogue
    page.goto("/")
    # When a person goes to a tool
    tab_to(page, page.get_by_role("link", name="Code writer"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/tools/code-writer/")
    # And takes an example, changes it and runs it
    tab_to(page, page.locator("[data-example]").first)
    page.keyboard.press("Enter")
    task = ToolForm(page, "code-writer").field("Task")
    expect(task).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Add two numbers.")
    tab_to(page, page.get_by_role("button", name="Run"))
    page.keyboard.press("Enter")
    # Then they get to the answer, and to what can be done with it
    run = RunPage(page).expect_open()
    run.expect_end()
    tab_to(page, run.shown)
    page.reload()
    tab_to(page, page.get_by_role("link", name="Run again"))
    page.keyboard.press("Enter")
    expect(task).to_have_value("Add two numbers.")


def test_the_skip_link_leads_past_the_header(page: Page) -> None:
    page.goto("/tools/translator/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="All tools")).to_be_focused()


def test_the_focus_stays_when_a_run_ends(page: Page) -> None:
    # Given a person who reads the answer while it arrives
    run = ToolForm(page, "code-writer").open().fill(task="Add two numbers.").run()
    run.shown.focus()
    # When the run ends and the page draws its last state
    run.expect_end()
    # Then they are where they were
    expect(run.shown).to_be_focused()
