"""How often a store that does not answer is asked again, and what its refusals become."""

import time
from email.utils import formatdate

import httpx
import pytest

from gptstore.sdk.cli import retries
from gptstore.sdk.cli.errors import CommandError, InputError, StoreAway, StoreError
from gptstore.sdk.cli.problem_details import check_response, read_retry_after
from gptstore.sdk.cli.retries import Patience

STORE = "https://store.example.org"
PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would be made; the clock goes on by them."""
    made: list[float] = []
    monkeypatch.setattr(retries.time, "sleep", made.append)
    monkeypatch.setattr(retries.time, "monotonic", lambda: sum(made))
    return made


def test_pauses_get_longer_and_end_within_a_minute(pauses: list[float]) -> None:
    notes: list[str] = []
    trying, away = Patience(notes.append), StoreAway("It is away.")

    with pytest.raises(StoreAway):
        for _ in range(100):
            trying.wait(away)

    assert pauses[0] < 0.5 and pauses[1] > pauses[0] and max(pauses) <= 10
    assert 40 < sum(pauses) <= 60
    assert notes == ["It is away. Trying again …"]


def test_the_store_says_how_long_to_wait(pauses: list[float]) -> None:
    Patience(print).wait(StoreAway("It is busy.", pause=5.0))

    assert pauses == [5.0]


def test_nobody_waits_for_longer_than_a_minute(pauses: list[float]) -> None:
    with pytest.raises(StoreAway):
        Patience(print).wait(StoreAway("It is busy.", pause=61.0))

    assert pauses == []


@pytest.mark.parametrize(("value", "seconds"), [("5", 5.0), ("0", 0.0), ("", None), ("soon", None), ("-1", None)])
def test_retry_after_has_seconds(value: str, seconds: float | None) -> None:
    assert read_retry_after(httpx.Response(503, headers={"Retry-After": value})) == seconds


def test_retry_after_has_a_date() -> None:
    date = formatdate(time.time() + 30, usegmt=True)

    found = read_retry_after(httpx.Response(503, headers={"Retry-After": date}))

    assert found is not None and 20 < found <= 30


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_tried_again(status: int) -> None:
    with pytest.raises(StoreAway) as away:
        check_response(httpx.Response(status, headers={"Retry-After": "7"}), STORE)

    assert away.value.pause == 7.0


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (401, StoreError, "gptstore login --server https://store.example.org"),
        (404, CommandError, "Why."),
        (413, CommandError, "Why."),
        (500, StoreError, "Why."),
    ],
)
def test_a_refusal_says_what_the_store_says(status: int, error: type[CommandError], text: str) -> None:
    response = httpx.Response(status, headers=PROBLEM, json={"title": "What", "detail": "Why."})

    with pytest.raises(error) as refused:
        check_response(response, STORE)

    assert type(refused.value) is error and text in str(refused.value)


def test_wrong_inputs_are_named_one_by_one() -> None:
    errors = [{"field": "a", "message": "Too \x1b[31mlong."}, {"field": "b.c", "message": "Too short."}]

    with pytest.raises(InputError) as refused:
        check_response(httpx.Response(422, headers=PROBLEM, json={"errors": errors}), STORE)

    assert refused.value.problems == {"a": "Too ␛[31mlong.", "b.c": "Too short."}


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_page_is_no_store(status: int) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        check_response(httpx.Response(status, html="<p>Hello"), STORE)


def test_a_redirection_is_not_followed_with_the_key() -> None:
    response = httpx.Response(301, headers={"Location": "https://elsewhere.example.org"})

    with pytest.raises(StoreError, match="sends on to https://elsewhere"):
        check_response(response, STORE)
