"""A person stops a run that they don't want any more."""

from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.store import Store
from tests.e2e.texts import long_text
from tests.e2e.tool_form import ToolForm

ENDLESS = {"text": long_text(80), "source": "en", "target": "es"}


def test_canceling_in_mid_stream_keeps_what_was_written(page: Page, store: Store, person: Person) -> None:
    # Given a run that would go on for a long time
    run = ToolForm(page, "translator").open().fill(**ENDLESS).run()
    run.expect_text()
    # When it is canceled
    run.cancel.click()
    # Then it stops, and says so
    run.expect_end("Canceled")
    expect(page.get_by_role("status").filter(has_text="The run was canceled.")).to_be_attached()
    # And what it had written is kept
    job = store.job(person, run.url)
    assert job["status"] == "canceled"
    assert job["output"] == run.text != ""
    page.reload()
    run.expect_end("Canceled")
    assert run.text == job["output"]
    expect(run.cancel).to_have_count(0)


def test_canceling_before_it_started_ends_it_at_once(page: Page, store: Store, person: Person) -> None:
    # Given a run that waits for a worker
    with store.worker_halted():
        run = ToolForm(page, "translator").open().fill(**ENDLESS).run()
        run.expect_status("Queued")
        # When it is canceled
        run.cancel.click()
        # Then it ends although no worker has heard of it
        run.expect_end("Canceled")
    # And it never starts
    other = store.run(person, "code-writer", {"task": "Add two numbers."}, wait_s=60)
    assert store.job(person, other)["status"] in ("succeeded", "failed")
    assert store.job(person, run.url)["started_at"] is None
