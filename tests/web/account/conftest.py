from collections.abc import Iterator

import pytest

from gptstore import shared_cache
from gptstore.shared_cache import SharedCache, store
from harness.redis import RedisServer


@pytest.fixture(autouse=True)
def nothing_counted(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test is limited by what an earlier one tried."""
    monkeypatch.setattr(shared_cache, "ANSWER_SECONDS", 60.0)  # a busy machine is no Redis that is away
    store.cache_clear()
    SharedCache(redis_server.url, {}).clear()
    yield
    store.cache_clear()
