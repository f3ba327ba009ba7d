"""Four tools at once: one worker, one model, and four pages that are all told of their run."""

from playwright.sync_api import Page, expect

from tests.e2e.growth import lengths_of_answer, record_growth
from tests.e2e.person import Person
from tests.e2e.store import Store, job_id
from tests.e2e.texts import LIGHTHOUSE, long_text
from tests.e2e.tool_form import ToolForm

# Answers to questions and summaries of a base model are shown at their end, once they are checked.
INPUTS = {
    "summarizer": {"text": long_text(6), "length": "long"},
    "translator": {"text": LIGHTHOUSE, "source": "en", "target": "de"},
    "code-writer": {"task": "A class for a museum: visitors, tickets, prices, opening hours.", "language": "java"},
    "qa": {"passage": long_text(6), "question": "Who was the first keeper of the lighthouse?"},
}


def test_four_tools_in_four_tabs_run_at_the_same_time(page: Page, store: Store, person: Person) -> None:
    # Given the four tools, filled in, in four tabs
    record_growth(page.context)
    tabs = {slug: page.context.new_page() for slug in INPUTS}
    forms = {slug: ToolForm(tab, slug).open().fill(**INPUTS[slug]) for slug, tab in tabs.items()}
    # When a person starts them all before the worker takes the first
    with store.worker_halted():
        runs = {slug: form.run() for slug, form in forms.items()}
    for run in runs.values():
        run.expect_end()
    # Then each of them had begun before any had ended
    first = {slug: min(times_of(store, run.url, "started")) for slug, run in runs.items()}
    ended = {slug: max(times_of(store, run.url, "finished")) for slug, run in runs.items()}
    assert max(first.values()) < min(ended.values()), (first, ended)
    # And the longer answers grew before their eyes, each in its own tab
    for slug in ("summarizer", "translator"):
        assert len(lengths_of_answer(tabs[slug])) >= 2
    # And each page shows its own answer to the end
    for run in runs.values():
        assert run.text == store.job(person, run.url)["output"] != ""
        expect(run.shown).not_to_be_empty()


def times_of(store: Store, run_url: str, event: str) -> list[int]:
    """When Redis got the events of this name, in milliseconds: an entry's id begins with its time."""
    entries = store.redis.client.xrange(f"gptstore:job:{job_id(run_url)}:events")
    return [int(entry.split("-")[0]) for entry, fields in entries if fields["event"] == event]
