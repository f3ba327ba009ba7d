"""The main path: a signed-in person runs each of the tools and watches the answer arrive."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.growth import lengths_of_answer, record_growth
from tests.e2e.person import Person
from tests.e2e.run_page import RunPage
from tests.e2e.store import Store
from tests.e2e.texts import LIGHTHOUSE, long_text
from tests.e2e.tool_form import ToolForm

TASK = "Write a function for the museum that is described here.\n\n" + LIGHTHOUSE
REAL_TEXTS = {
    "summarizer": {"text": long_text(4), "length": "long"},
    "translator": {"text": LIGHTHOUSE, "source": "en", "target": "fr"},
    "qa": {"passage": LIGHTHOUSE, "question": "Who was the first keeper of the lighthouse?"},
    # Python is shown once it parses, and for JavaScript the bundled model has no code
    "code-writer": {"task": TASK, "language": "sql"},
}


@pytest.mark.parametrize("slug", REAL_TEXTS)
def test_an_example_fills_the_form_and_runs(page: Page, store: Store, person: Person, slug: str) -> None:
    # Given the tool's page
    form = ToolForm(page, slug).open()
    # When a person takes its first example and runs it
    example = page.locator("[data-example]").first
    example.click()
    expect(page.locator("#tool-form textarea").first).not_to_be_empty()
    run = form.run()
    # Then it ends well, and what it says is what was stored
    run.expect_end()
    assert run.text == store.job(person, run.url)["output"] != ""


@pytest.mark.parametrize("slug", REAL_TEXTS)
def test_a_real_text_streams_and_its_answer_is_kept(page: Page, store: Store, person: Person, slug: str) -> None:
    assert len(LIGHTHOUSE.split()) >= 300
    record_growth(page.context)
    form = ToolForm(page, slug).open().fill(**REAL_TEXTS[slug])
    # When a person runs the tool on a real text, and watches from the first word on
    with store.worker_halted(), page.expect_response(lambda answer: answer.url.endswith("/events")):
        run = form.run()
    run.expect_end()
    # Then all of the answer is there
    stored = store.job(person, run.url)["output"]
    pieces = store.pieces_of_output(run.url)
    assert "".join(pieces) == run.text == stored
    # And it came in pieces and grew before their eyes; the few words of an answer to a question may come at once
    assert slug == "qa" or min(len(pieces), len(lengths_of_answer(page))) >= 2
    # And it is still there when they come back
    page.reload()
    run.expect_end()
    assert run.text == stored
    assert_shown(run, stored, slug)


def assert_shown(run: RunPage, stored: str, slug: str) -> None:
    """Text and code stand on the page as they are; Markdown is drawn, so only its words are looked for."""
    shown = run.shown.text_content() or ""
    if slug in ("translator", "code-writer"):
        assert shown.strip() == stored.strip()
    else:
        assert "".join(filter(str.isalpha, shown)) == "".join(filter(str.isalpha, stored))
