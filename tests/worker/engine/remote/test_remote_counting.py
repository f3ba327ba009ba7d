"""Counting by the server: those who count many texts do not keep the others from counting theirs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Semaphore
from typing import Any

import pytest

from harness.waiting import wait_until
from tests.worker.engine.model_server import ModelServer
from tests.worker.engine.remote.opening import Open
from worker.engine.remote import engine as remote_engine
from worker.engine.remote.engine import MAX_COUNTS


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3 * MAX_COUNTS) as pool:
        yield pool


def test_users_take_turns(
    server: ModelServer, connect: Open, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a server that is busy with the texts of one user, and more of them that wait
    engine = connect()
    asked: SimpleQueue[str] = SimpleQueue()
    answers = Semaphore(0)

    def post(_client: Any, _server: Any, _path: str, body: dict[str, Any]) -> dict[str, int]:
        asked.put(body["prompt"])
        assert answers.acquire(timeout=60)
        return {"count": 1}

    monkeypatch.setattr(remote_engine, "post_now", post)
    many = [pool.submit(engine.count_tokens, "many words", group="eve") for _ in range(2 * MAX_COUNTS)]
    wait_until(lambda: asked.qsize() == MAX_COUNTS, "the first texts")
    # When another user counts one
    one = pool.submit(engine.count_tokens, "mine", group="ada")
    wait_until(lambda: len(engine._turns._queue) == 1, "a turn that waits")
    # Then it is asked for before the others that wait, or after the first of them
    answers.release(2)
    wait_until(lambda: asked.qsize() == MAX_COUNTS + 2, "two more texts")
    assert "mine" in [asked.get() for _ in range(MAX_COUNTS + 2)]
    answers.release(2 * MAX_COUNTS)
    assert [future.result(60) for future in [*many, one]] == [1] * (2 * MAX_COUNTS + 1)
