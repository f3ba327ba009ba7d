"""The page of a run that waits for its turn."""

from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.store import Store, job_id


def test_the_place_in_line_follows_the_queue_without_a_word_to_those_who_listen(
    page: Page, store: Store, person: Person
) -> None:
    # Given two people who wait for a worker that does not come to it
    other = store.next_person()
    with store.worker_halted():
        first = store.run(other, "translator", {"text": "I want to go home.", "target": "fr"})
        page.goto(store.run(person, "translator", {"text": "Where is my book?", "target": "fr"}))
        place = page.locator("[data-queue]")
        expect(place).to_contain_text("Number 2 in line")
        # When the first of them no longer wants it
        store.api(other, "POST", f"jobs/{job_id(first)}/cancel")
        # Then the other's page says so by itself, but does not interrupt a screen reader so soon
        expect(place).to_contain_text("Next in line")
        expect(page.locator("[data-say]")).to_be_empty()
    expect(place).to_have_count(0)
