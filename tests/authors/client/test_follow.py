"""Following a run over connections that break, with a store that a test plays."""

from collections.abc import Iterator
from typing import cast

import pytest

from gptstore.sdk.cli import follow, retries
from gptstore.sdk.cli.errors import StoreAway, StoreError
from gptstore.sdk.cli.follow import Following
from gptstore.sdk.cli.store_client import Event, Store


class Clock:
    """The time of a test, which goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class PlayedStore:
    """Sends, over each connection, the events that a test says, after that many seconds; then the connection breaks."""

    def __init__(self, clock: Clock, *connections: tuple[float, list[Event]]) -> None:
        self.clock = clock
        self.connections = [*connections]
        self.last_ids: list[str] = []
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def read_events(self, job_id: str, last_id: str) -> Iterator[Event]:
        self.last_ids.append(last_id)
        seconds, events = self.connections.pop(0) if self.connections else (0.0, [])
        self.clock.sleep(seconds)
        yield from events
        raise StoreAway("It is away.")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(follow, "time", clock)
    monkeypatch.setattr(retries, "time", clock)
    return clock


ONE, TWO, END = (
    Event("output", {"text": "1"}, "1-0"),
    Event("output", {"text": "2"}, "2-0"),
    Event("finished", {}, "3-0"),
)


def test_each_connection_goes_on_behind_the_last_event(clock: Clock) -> None:
    store = PlayedStore(clock, (1, [ONE]), (1, [TWO]), (1, []), (1, [END]))

    assert list(Following(cast(Store, store), "job")) == [ONE, TWO, END]
    assert store.last_ids == ["", "1-0", "2-0", "2-0"]


def test_a_run_that_waits_for_hours_is_followed_over_many_connections(clock: Clock) -> None:
    store = PlayedStore(clock, *[(300.0, [])] * 20, (1, [END]))

    assert list(Following(cast(Store, store), "job")) == [END]


def test_a_store_that_stays_away_is_given_up_and_the_way_back_is_named(clock: Clock) -> None:
    store = PlayedStore(clock, (1, [ONE]))

    with pytest.raises(StoreError, match="gptstore follow job"):
        list(Following(cast(Store, store), "job"))

    assert 40 < clock.now < 70


def test_it_can_be_iterated_again_after_an_interruption(clock: Clock) -> None:
    store = PlayedStore(clock, (1, [ONE, TWO]), (1, [END]))
    following = Following(cast(Store, store), "job")

    assert next(iter(following)) == ONE
    assert list(following) == [END]
    assert store.last_ids == ["", "1-0"]
