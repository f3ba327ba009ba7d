"""A Redis that is made a replica, as in a failover, under a worker that waits for messages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.redis import RedisServer, redis_server
from harness.site import Site


@pytest.fixture
def demoted(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_that_cannot_go_on_ends_with_a_status_that_says_so(demoted: RedisServer, tmp_path: Path) -> None:
    with Site(tmp_path, demoted.url, model="echo") as site:
        # Given a worker
        site.manage("migrate", "--noinput")
        worker = site.start_worker()
        # When its Redis takes no more writes, so that it can wait for no message
        demoted.client.replicaof("127.0.0.1", "1")
        # Then it ends, and a supervisor can see that this was no wish of anybody's
        assert worker.popen.wait(60) == 1, worker.text
        assert "Unrecoverable error" in worker.text
