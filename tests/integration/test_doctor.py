"""The doctor at a store with a real worker."""

import json

import pytest

from gptstore.jobs.workers import shared_model
from harness.redis import RedisServer
from harness.waiting import wait_until
from tests.integration.conftest import Crew

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_it_finds_the_worker_and_that_it_takes_messages(crew: Crew, redis_server: RedisServer) -> None:
    crew.ensure()
    wait_until(shared_model, "a worker that says its model")
    told = json.loads(crew.site.manage("doctor", "--json").splitlines()[-1])
    found = {finding["name"]: finding for finding in told["findings"]}
    assert found["messages"] == {"name": "messages", "level": "ok", "message": "A worker took one.", "remedy": ""}
    assert "with gptstore-mini, seen" in found["workers"]["message"]
    assert told["ok"] is True
