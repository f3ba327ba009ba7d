import pytest

from gptstore.api.rest.http import wait_seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("wait=1", 1),
        ("wait=60", 60),
        ("wait=61", 60),
        ("wait=" + "9" * 5000, 60),
        ("wait=007", 7),
        ("wait", 60),
        ("Wait = 5", 5),
        ('wait="5"', 5),
        ("wait=5; strict", 5),
        ("respond-async, wait=5", 5),
        ("wait=5,wait=9", 5),
    ],
)
def test_the_wait_is_understood(header: str, seconds: int) -> None:
    assert wait_seconds(header) == seconds


@pytest.mark.parametrize(
    "header",
    ["", "respond-async", "wait=", "wait=0", "wait=-1", "wait=1.5", "wait=ten", "waiting=5", "return=wait", "wait=²"],
)
def test_what_makes_no_sense_is_ignored(header: str) -> None:
    assert wait_seconds(header) == 0
