"""People look around before they sign in, and lose nothing when they do."""

from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.run_page import RunPage
from tests.e2e.store import Store
from tests.e2e.tool_form import ToolForm

TOOLS = {"Summarizer", "Translator", "Question answering", "Code writer", "Chat", "Writer"}


def cards(page: Page) -> set[str]:
    return set(page.locator("#results .card h3").all_text_contents())


def test_a_guest_sees_every_tool_by_category(guest_page: Page) -> None:
    guest_page.goto("/")
    assert cards(guest_page) == TOOLS
    headings = guest_page.locator("#results").get_by_role("heading", level=2)
    expect(headings).to_have_count(4)


def test_search_narrows_while_one_types(guest_page: Page) -> None:
    guest_page.goto("/")
    search = guest_page.get_by_role("searchbox", name="Search tools")
    shown = guest_page.locator("#results .card h3")
    finds = {"transl": "Translator", "from a passage": "Question answering", "sql": "Code writer"}
    for words, title in finds.items():  # by title, by summary, by tag
        search.fill("")
        expect(shown).to_have_count(len(TOOLS))
        search.press_sequentially(words, delay=10)
        expect(shown).to_have_text([title])
    # And the address can be shared
    expect(guest_page).to_have_url("/?q=sql")
    guest_page.reload()
    expect(shown).to_have_text(["Code writer"])
    expect(search).to_have_value("sql")


def test_a_search_without_result_shows_a_way_out(guest_page: Page) -> None:
    guest_page.goto("/")
    guest_page.get_by_role("searchbox", name="Search tools").press_sequentially("zzzz", delay=10)
    expect(guest_page.get_by_role("heading", name="No tool for “zzzz”")).to_be_visible()
    guest_page.get_by_role("link", name="Show all 6 tools").click()
    expect(guest_page.locator("#results .card")).to_have_count(len(TOOLS))


def test_the_header_searches_from_any_page(guest_page: Page) -> None:
    guest_page.goto("/tools/qa/")
    search = guest_page.get_by_role("searchbox", name="Search tools")
    search.fill("summary")
    search.press("Enter")
    expect(guest_page.locator("#results .card h3")).to_have_text(["Summarizer"])


def test_what_a_guest_entered_survives_signing_in(guest_page: Page, store: Store, person: Person) -> None:
    # Given a guest with a filled form
    guest_page.goto("/")
    guest_page.get_by_role("link", name="Code writer").click()
    form = ToolForm(guest_page, "code-writer").fill(task="Reverse a list.\nKeep  two spaces.", language="javascript")
    # When they run it and sign in
    guest_page.get_by_role("button", name="Run").click()
    expect(guest_page.get_by_text("What you entered is kept.")).to_be_visible()
    guest_page.get_by_label("Username").fill(person.name)
    guest_page.get_by_label("Password", exact=True).fill(person.password)
    guest_page.locator("main").get_by_role("button", name="Sign in").click()
    # Then the form is as they left it, and it runs
    expect(form.field("Task")).to_have_value("Reverse a list.\nKeep  two spaces.")
    run = form.run()
    run.expect_end()
    expected = {"task": "Reverse a list.\nKeep  two spaces.", "language": "javascript"}
    assert store.job(person, run.url)["input"] == expected


def test_a_newcomer_signs_up_on_the_way_to_a_run(guest_page: Page) -> None:
    # Given a guest with a filled form
    form = ToolForm(guest_page, "qa").open().fill(passage="The cat sleeps on the mat.", question="Where is the cat?")
    guest_page.get_by_role("button", name="Run").click()
    # When they make an account
    guest_page.get_by_role("link", name="Make an account").click()
    guest_page.get_by_label("Username").fill("newcomer")
    guest_page.get_by_label("Password", exact=True).fill("a phrase that nobody guesses")
    guest_page.get_by_label("Password (again)").fill("a phrase that nobody guesses")
    guest_page.locator("main").get_by_role("button", name="Sign up").click()
    # Then they are back at their form
    expect(form.field("Question")).to_have_value("Where is the cat?")
    form.run().expect_end()


def test_signing_out_hides_the_runs(page: Page, store: Store, person: Person) -> None:
    run = store.run(person, "code-writer", {"task": "Add two numbers."})
    page.goto(run)
    expect(RunPage(page).status).to_be_visible()
    page.locator("header").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    page.goto(run)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
