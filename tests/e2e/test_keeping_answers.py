"""What a run gave can be taken away, and found again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.run_page import RunPage
from tests.e2e.store import Store

RUNS = {
    "summarizer": {"text": "The cat sleeps. The dog barks. The bird sings.", "length": "short"},
    "translator": {"text": "Good morning.\n\nHow are you?", "source": "en", "target": "zh"},
    "code-writer": {"task": "Print the numbers from one to ten.", "language": "javascript"},
}
SAME_LANGUAGE = {"text": "Good morning.", "source": "en", "target": "en"}


@pytest.mark.parametrize("slug", RUNS)
def test_copy_and_download_give_the_stored_answer(page: Page, store: Store, person: Person, slug: str) -> None:
    # Given a run that has ended
    run_url = store.run(person, slug, RUNS[slug], wait_s=60)
    stored = store.job(person, run_url)["output"]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(run_url)
    run = RunPage(page)
    # When its answer is copied
    run.button("Copy").click()
    expect(run.button("Copied")).to_be_visible()
    # Then the clipboard has it, and the file has it too
    assert page.evaluate("navigator.clipboard.readText()") == stored != ""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes().decode() == stored
    assert download.value.suggested_filename.startswith(f"{slug}-")


def test_my_runs_are_paged_and_filtered(page: Page, store: Store, person: Person) -> None:
    # Given more runs than a page holds, one of which did something else
    for number in range(21):
        store.run(person, "translator", {**SAME_LANGUAGE, "text": f"Sentence number {number}."})
    store.run(person, "code-writer", {"task": "Add two ducks."}, wait_s=60)
    rows = page.locator("#runs tbody tr")
    # When the person looks at them
    page.goto("/runs/")
    expect(rows).to_have_count(20)
    page.get_by_role("link", name="Older").click()
    # Then the rest is on the second page
    expect(rows).to_have_count(2)
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("link", name="Newer").click()
    expect(rows).to_have_count(20)
    # And filters find one by its words, its tool, or how it ended
    page.get_by_label("Search", exact=True).fill("two ducks")
    expect(rows).to_have_count(1)
    page.get_by_label("Search", exact=True).fill("")
    expect(rows).to_have_count(20)
    page.get_by_label("Status").select_option("Failed")
    page.get_by_label("Tool", exact=True).select_option("Code writer")
    expect(page.get_by_role("heading", name="No run fits")).to_be_visible()
    page.get_by_label("Status").select_option("All")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("tool=code-writer"))
    rows.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Code writer")).to_be_visible()


def test_a_failed_run_says_why_and_what_to_do(page: Page, store: Store, person: Person) -> None:
    page.goto(store.run(person, "translator", SAME_LANGUAGE))
    run = RunPage(page)
    run.expect_end("Failed")
    error = page.get_by_role("group", name="Error")
    expect(error).to_contain_text("Both languages are English. Choose two different ones.")
    expect(error).to_contain_text("Change the input and run it again.")


def test_the_tool_page_shows_the_last_runs(page: Page, store: Store, person: Person) -> None:
    store.run(person, "translator", SAME_LANGUAGE, wait_s=60)
    page.goto("/tools/translator/")
    page.get_by_role("complementary").get_by_role("link", name="Good morning.").click()
    RunPage(page).expect_end("Failed")
