"""The site and a worker as two processes: a program submits a job over HTTP and follows its events."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from harness.redis import RedisServer
from harness.waiting import wait_until
from tests.integration.conftest import Crew

Installed = Callable[[str], Tool]
Heard = tuple[str, str, dict[str, Any]]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def address(crew: Crew) -> str:
    crew.site.start_web()
    return crew.site.url


@pytest.fixture
def program(address: str, crew: Crew, owner: User, redis_server: RedisServer) -> Iterator[httpx.Client]:
    crew.ensure()
    headers = {"Authorization": f"Bearer {create_key(owner, 'tests')[1]}"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        yield client


def follow(program: httpx.Client, job: dict[str, Any], last_event_id: str = "") -> Iterator[Heard]:
    """The events as (id, name, data)."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    with program.stream("GET", job["urls"]["events"], headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
                fields = {}


def joined(heard: list[Heard]) -> str:
    return "".join(data["text"] for _id, name, data in heard if name == "output")


def submit(
    program: httpx.Client, slug: str, data: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    answer = program.post(f"/api/v1/tools/{slug}/jobs", json={"input": data}, headers=headers)
    assert answer.status_code in (201, 202), answer.text
    job: dict[str, Any] = answer.json()
    return job


def test_a_job_over_http_streams_exactly_what_is_stored(
    program: httpx.Client, installed: Installed, long_text: str
) -> None:
    job = submit(program, "summarizer", {"text": long_text})
    heard = list(follow(program, job))
    names = [name for _id, name, _data in heard]
    assert (names[0], names[-1]) == ("started", "finished")
    assert "reset" not in names
    stored = program.get(job["urls"]["get"]).json()
    assert stored["status"] == "succeeded"
    assert stored == heard[-1][2]
    assert joined(heard).encode() == stored["output"].encode()
    assert stored["output"]


def test_a_reader_that_comes_back_in_the_middle_misses_nothing(
    program: httpx.Client, installed: Installed, long_text: str
) -> None:
    # Given a reader that goes away after a few events
    job = submit(program, "summarizer", {"text": long_text})
    before: list[Heard] = []
    for event in follow(program, job):
        before.append(event)
        if len(before) == 5:
            break
    # When it comes back
    after = list(follow(program, job, before[-1][0]))
    # Then both parts are the whole
    output = after[-1][2]["output"]
    assert joined(before + after) == output
    assert "reset" not in [name for _id, name, _data in after]


def test_a_reader_that_hangs_up_leaves_no_connection_to_redis(
    program: httpx.Client, installed: Installed, redis_server: RedisServer, long_text: str
) -> None:
    def reading() -> int:
        return sum(client["cmd"] == "xread" for client in redis_server.client.client_list())

    # Given three readers of a job that runs for long
    job = submit(program, "summarizer", {"text": long_text * 10})
    readers = [follow(program, job) for _ in range(3)]
    for reader in readers:
        assert next(reader)[1] == "started"
    assert reading() == 3
    # When they hang up
    for reader in readers:
        reader.close()
    # Then nobody reads any more, while the job still runs
    wait_until(lambda: not reading(), "the end of all readers", 20, every=0.05)
    assert program.get(job["urls"]["get"]).json()["status"] == "running"
    program.post(job["urls"]["cancel"])


def test_the_site_is_ready_and_knows_its_worker(program: httpx.Client, installed: Installed) -> None:
    def told() -> dict[str, Any]:
        return dict(program.get("/readyz").json())

    wait_until(lambda: told()["workers"] >= 1, lambda: f"a worker in {told()}", 20, every=0.1)
    assert told()["status"] == "ok"


def test_runs_that_have_not_ended_by_their_time_are_canceled(
    program: httpx.Client, installed: Installed, long_text: str
) -> None:
    # Given more to do than a worker can do in a second
    jobs = [submit(program, "summarizer", {"text": long_text * 18}, {"Cancel-After": "1s"}) for _ in range(6)]
    # Then none of it is done
    for job in jobs:
        *_, (_id, name, ended) = follow(program, job)
        assert (name, ended["status"], ended["error"]) == ("finished", "canceled", None)


def test_requests_at_the_same_moment_with_one_key_are_one_run(
    program: httpx.Client, installed: Installed, long_text: str
) -> None:
    with ThreadPoolExecutor(16) as threads:
        key = {"Idempotency-Key": "one"}
        jobs = list(threads.map(lambda _: submit(program, "summarizer", {"text": long_text}, key), range(16)))
    assert len({job["id"] for job in jobs}) == 1
    assert program.get("/api/v1/jobs").json()["count"] == 1
    program.post(jobs[0]["urls"]["cancel"])
