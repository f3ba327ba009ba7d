"""What rate limits count is shared by all processes, and a Redis that is away makes no request fail or hang."""

import json
import os
from collections.abc import Iterator

import pytest
import structlog

from gptstore import shared_cache
from gptstore.shared_cache import SharedCache, Store, store
from harness.redis import RedisServer

pytestmark = pytest.mark.usefixtures("anew")


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin as a process does that has not asked Redis yet."""
    monkeypatch.setattr(shared_cache, "ANSWER_SECONDS", 60.0)  # a busy machine is no Redis that is away
    store.cache_clear()
    SharedCache(os.environ["GPTSTORE_REDIS_URL"], {}).clear()
    yield
    store.cache_clear()


def test_processes_count_together(redis_server: RedisServer) -> None:
    here, there = Store(redis_server.url), Store(redis_server.url)

    here.ask("set", "bucket", [1.5, 2.5], 60)

    assert there.ask("get", "bucket") == [1.5, 2.5]
    assert not there.ask("add", "bucket", [], 60)
    assert there.ask("delete", "bucket")
    assert here.ask("get", "bucket", "none") == "none"


def test_values_are_json_and_expire(redis_server: RedisServer) -> None:
    SharedCache(redis_server.url, {}).set("bucket", [1.5], 60)

    (key,) = redis_server.client.keys()
    assert json.loads(redis_server.client.get(key)) == [1.5]
    assert 0 < redis_server.client.ttl(key) <= 60


def test_clearing_it_leaves_the_rest_of_redis(redis_server: RedisServer) -> None:
    redis_server.client.set("events of a job", "x")

    SharedCache(redis_server.url, {}).clear()

    assert redis_server.client.get("events of a job") == "x"


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_while_redis_is_away_each_process_counts_on_its_own(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(shared_cache, "AWAY_SECONDS", 3600.0)
    monkeypatch.setattr(shared_cache, "ANSWER_SECONDS", 0.2)
    getattr(redis_server, how)()
    try:
        here, there = SharedCache(redis_server.url, {}), SharedCache(redis_server.url, {})
        with structlog.testing.capture_logs() as lines:
            assert here.add("bucket", [1.5], 60)
            assert there.get("bucket") == [1.5]
            assert not there.add("bucket", [], 60)
    finally:
        if how == "freeze":
            redis_server.thaw()

    (line,) = lines  # once, however many requests and threads there are
    assert line["event"] == "rate_limits_not_shared"
    assert "GPTSTORE_REDIS_URL" in line["mend"]


def test_no_other_request_waits_for_a_redis_that_does_not_answer(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_cache, "ANSWER_SECONDS", 0.2)
    found = Store(redis_server.url)
    redis_server.freeze()
    try:
        found.ask("get", "bucket")
        assert not found.may_ask_redis()
        found.away_until = 0.001  # the time is up
        assert [found.may_ask_redis() for _ in range(3)] == [True, False, False]
    finally:
        redis_server.thaw()


def test_when_redis_is_back_it_counts_again(redis_server: RedisServer) -> None:
    found = Store(redis_server.url)
    redis_server.kill()
    with structlog.testing.capture_logs() as lines:
        found.ask("set", "bucket", [1.5], 60)
        redis_server.start()
        found.away_until = 0.001
        assert found.ask("get", "bucket", "none") == "none"

    assert [line["event"] for line in lines] == ["rate_limits_not_shared", "rate_limits_shared"]


def test_an_impossible_address_of_redis_is_a_redis_that_is_away() -> None:
    with structlog.testing.capture_logs() as lines:
        assert SharedCache("http://nowhere", {}).add("bucket", 1, 60)

    assert [line["event"] for line in lines] == ["rate_limits_not_shared"]
