"""A run goes on whatever happens to the pages that watch it: nothing of its answer is lost, nothing comes twice."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.e2e.devices import Devices
from tests.e2e.person import Person
from tests.e2e.run_page import END_MS, RunPage
from tests.e2e.store import Store
from tests.e2e.texts import LIGHTHOUSE
from tests.e2e.tool_form import ToolForm

TO_GERMAN = {"text": LIGHTHOUSE, "source": "en", "target": "de"}


def start_translation(page: Page, store: Store) -> RunPage:
    """A run whose first words have just arrived."""
    form = ToolForm(page, "translator").open().fill(**TO_GERMAN)
    with store.worker_halted():
        run = form.run()
    run.expect_text()
    return run


def test_reloading_in_mid_stream_loses_and_doubles_nothing(page: Page, store: Store, person: Person) -> None:
    # Given a run in the middle of its answer
    run = start_translation(page, store)
    with store.worker_halted():
        seen = run.text
        # When the page is reloaded
        page.reload()
        # Then what was there is there again
        run.expect_status("Running")
        run.expect_text()
        assert run.text.startswith(seen)
        shown = run.shown.text_content() or ""
        assert shown.strip() == run.text.strip()
    # And at the end the page has what was stored
    run.expect_end()
    stored = store.job(person, run.url)["output"]
    assert run.text == stored
    assert (run.shown.text_content() or "").strip() == stored.strip()


def test_another_device_shows_the_same(page: Page, devices: Devices, store: Store, person: Person) -> None:
    # Given a run in the middle of its answer
    run = start_translation(page, store)
    phone_page = devices.open(person)
    # When the same person opens it on another device
    phone_page.goto(run.url)
    on_phone = RunPage(phone_page)
    on_phone.expect_text()
    # Then both show all of it at the end
    run.expect_end()
    on_phone.expect_end()
    assert on_phone.text == run.text == store.job(person, run.url)["output"]


def test_nobody_else_sees_a_run(page: Page, devices: Devices, store: Store, person: Person) -> None:
    run_url = store.run(person, "translator", TO_GERMAN)
    stranger, guest = devices.open(store.next_person()), devices.open()
    for address in (run_url, f"{run_url}output", f"{run_url}download", f"{run_url}events"):
        answer = stranger.request.get(address)
        assert answer.status == 404, address
    # A person who is not signed in could be its owner, and is asked to sign in
    guest.goto(run_url)
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()
    # And its own owner finds it
    page.goto(run_url)
    expect(page.get_by_role("heading", name="Translator")).to_be_visible()


def test_the_page_reconnects_after_the_site_was_away(page: Page, store: Store, person: Person) -> None:
    # Given a run in the middle of its answer
    run = start_translation(page, store)
    with store.worker_halted():
        # When the site dies, and the page says so
        store.lose_web()
        expect(page.get_by_text("Connection lost")).to_be_visible()
    # And the run goes on while nobody can watch it
    store.start_web()
    # Then the page comes back by itself and ends with the whole answer
    run.expect_end()
    expect(page.get_by_text("Connection lost")).to_be_hidden()
    assert run.text == store.job(person, run.url)["output"]


def test_a_run_that_ends_while_the_device_is_offline_is_shown_later(page: Page, store: Store, person: Person) -> None:
    run = start_translation(page, store)
    page_url = run.url
    # When the device has no network until the run has ended
    page.context.set_offline(True)
    store.wait_for_end(person, page_url)
    # Then the page shows what it had, and not the browser's own page for a missing network
    expect(page.locator("#run[data-final=false]")).to_be_visible()
    run.expect_text()
    # And ends with the whole answer when the network is back
    page.context.set_offline(False)
    run.expect_end()
    assert run.text == store.job(person, page_url)["output"]


def test_going_back_and_forth_shows_the_run_as_it_is_now(page: Page, store: Store, person: Person) -> None:
    run = start_translation(page, store)
    # When a person leaves in mid-stream, and comes back when it has ended
    page.get_by_role("link", name="gptstore, home").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("one shared model")
    store.wait_for_end(person, page_url := run_url_of(store, person))
    page.go_back()
    # Then the whole answer is there
    run.expect_end()
    assert run.url == page_url
    assert run.text == store.job(person, page_url)["output"]


def test_somebody_who_signed_out_meanwhile_is_asked_to_sign_in(page: Page, store: Store) -> None:
    # Given a run in the middle of its answer
    run = start_translation(page, store)
    address = urlsplit(run.url).path
    # When its owner signs out in another tab
    with store.worker_halted():
        other_tab = page.context.new_page()
        other_tab.goto("/model/")
        other_tab.locator("header").get_by_role("button", name="Sign out").click()
        expect(other_tab.get_by_role("link", name="Sign in")).to_be_visible()
    # Then the first tab asks them to sign in when the run has ended
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=END_MS)
    assert run.url.endswith(f"?next={address}")


def run_url_of(store: Store, person: Person) -> str:
    """The page of their newest run."""
    newest = store.api(person, "GET", "jobs").json()["items"][0]
    return f"{store.url}/runs/{newest['id']}/"
