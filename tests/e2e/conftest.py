"""A store and a browser for the tests of this folder; both end with it.

Playwright's event loop runs as long as the browser is open, and the tests of other folders have loops of their own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from harness.chromium import find_chromium
from tests.e2e.chromium import launch
from tests.e2e.devices import WAIT_MS, Devices
from tests.e2e.gallery import Gallery, furnish
from tests.e2e.person import Person
from tests.e2e.store import Store


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip("needs Chromium; on Debian: apt install chromium")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def store(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("e2e")) as store:
        yield store


@pytest.fixture(scope="package")
def gallery(store: Store) -> Gallery:
    return furnish(store)


@pytest.fixture
def devices(browser: Browser, store: Store) -> Iterator[Devices]:
    """Fails the test when one of its browsers complained."""
    devices = Devices(browser, store.url)
    yield devices
    devices.close()
    assert not devices.problems.found


@pytest.fixture
def person(store: Store) -> Person:
    return store.next_person()


@pytest.fixture
def guest_page(devices: Devices) -> Page:
    return devices.open()


@pytest.fixture
def page(devices: Devices, person: Person) -> Page:
    """Of `person`, who is signed in."""
    return devices.open(person)
