"""The events of a job over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job
from harness.redis import RedisServer
from tests.api.acting_worker import ActingWorker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def job(owner: User, shout: Tool, worker: ActingWorker) -> Job:
    submit(owner, shout, {"text": "hello"})
    return worker.claim()


async def open_stream(client: AsyncClient, job: Job, query: str = "", **headers: str) -> AsyncIterator[bytes]:
    answer = await client.get(f"/api/v1/jobs/{job.id}/events{query}", headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/event-stream"
    assert answer["Cache-Control"] == "no-store"
    return aiter(answer.streaming_content)


async def read(client: AsyncClient, job: Job, query: str = "", **headers: str) -> list[dict[str, Any]]:
    """Every event until the end of the stream."""
    stream = await open_stream(client, job, query, **headers)
    blocks = b"".join([chunk async for chunk in stream]).decode().split("\n\n")
    return [parse(block) for block in blocks if "event: " in block]


async def hear(stream: AsyncIterator[bytes], name: str) -> str:
    """The next block, which must be this event; lines that are no event are left out."""
    async with asyncio.timeout(10):
        while "event: " not in (block := (await anext(stream)).decode()):
            pass
    assert f"event: {name}\n" in block
    return block


def parse(block: str) -> dict[str, Any]:
    """{"id", "event", "data"}; a replayed event has no id."""
    fields = dict(line.split(": ", 1) for line in block.strip().split("\n"))
    return {**fields, "data": json.loads(fields["data"])}


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


async def test_a_job_is_followed_to_its_end(async_api: AsyncClient, job: Job, worker: ActingWorker) -> None:
    await sync_to_async(worker.say)("HÉL", "\n", "世界 🙂")
    await sync_to_async(worker.succeed)()

    events = await read(async_api, job)

    assert (names(events)[0], names(events)[-1]) == ("started", "finished")
    assert events[0]["data"] == {"attempt": 1, "worker": "worker-1"}
    output = "".join(event["data"]["text"] for event in events if event["event"] == "output")
    assert output == "HÉL\n世界 🙂"
    found = (await async_api.get(f"/api/v1/jobs/{job.id}")).json()
    assert events[-1]["data"] == found
    assert found["output"] == output


async def test_a_running_job_is_heard_as_it_speaks(async_api: AsyncClient, job: Job, worker: ActingWorker) -> None:
    stream = await open_stream(async_api, job)

    assert await hear(stream, "started")
    await sync_to_async(worker.say)("HEL")
    assert '"HEL"' in await hear(stream, "output")
    await sync_to_async(worker.say)("LO")
    assert '"LO"' in await hear(stream, "output")
    await sync_to_async(worker.succeed)()
    assert '"HELLO"' in await hear(stream, "finished")
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_reader_goes_on_where_it_was(async_api: AsyncClient, job: Job, worker: ActingWorker, how: str) -> None:
    await sync_to_async(worker.say)("a", "b", "c")
    stream = await open_stream(async_api, job)
    await hear(stream, "started")
    await hear(stream, "output")
    last = parse(await hear(stream, "output"))
    await sync_to_async(worker.succeed)()

    if how == "header":
        events = await read(async_api, job, **{"Last-Event-ID": last["id"]})
    else:
        events = await read(async_api, job, f"?last_event_id={last['id']}")

    assert last["data"] == {"text": "b"}
    assert names(events) == ["output", "finished"]
    assert events[0]["data"] == {"text": "c"}


@pytest.mark.parametrize("lost", ["1-1", "99999999999999-0", "nonsense", "$", "-", "+", "0"])
async def test_a_reader_that_is_lost_starts_over(
    async_api: AsyncClient, job: Job, worker: ActingWorker, lost: str
) -> None:
    await sync_to_async(worker.say)("HEL", "LO")
    await sync_to_async(worker.succeed)()

    events = await read(async_api, job, **{"Last-Event-ID": lost})

    assert names(events)[0] == "reset"
    assert names(events)[-1] == "finished"
    assert "".join(event["data"]["text"] for event in events if event["event"] == "output") == "HELLO"


async def test_a_job_whose_events_are_gone_is_replayed_from_its_row(
    async_api: AsyncClient, job: Job, worker: ActingWorker, redis_server: RedisServer
) -> None:
    await sync_to_async(worker.say)("HEL", "LO")
    await sync_to_async(worker.succeed)()
    redis_server.client.flushall()

    events = await read(async_api, job)

    assert names(events) == ["started", "output", "finished"]
    assert events[1]["data"] == {"text": "HELLO"}


async def test_an_id_that_is_too_long_is_refused(async_api: AsyncClient, job: Job) -> None:
    answer = await async_api.get(f"/api/v1/jobs/{job.id}/events?last_event_id={'1' * 65}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "last_event_id"


async def test_head_says_what_there_would_be(async_api: AsyncClient, job: Job) -> None:
    answer = await async_api.head(f"/api/v1/jobs/{job.id}/events")

    assert (answer.status_code, answer["Content-Type"], answer.streaming) == (200, "text/event-stream", False)
