"""Ids sort by time and are never the same."""

import time

import pytest

from gptstore.jobs.ids import uuid7


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_later_ids_are_greater(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [1_700_000_000_000_000_000 + number * 1_000_000 for number in range(50)]
    clock = iter(moments)
    monkeypatch.setattr(time, "time_ns", lambda: next(clock))
    made = [uuid7() for _ in moments]
    assert made == sorted(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_ids_of_the_same_moment_differ() -> None:
    assert len({uuid7() for _ in range(1000)}) == 1000
