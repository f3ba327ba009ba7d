"""A job's events as a browser or a program reads them, whatever happens on the way."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import NoReturn

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection

from gptstore.accounts.models import User
from gptstore.jobs.events import publisher
from gptstore.jobs.events.events import LOG, PROGRESS, Event, publish_finished, stream_key
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.delete_owner import delete_owner
from gptstore.jobs.lifecycle.outcome import Outcome, Usage
from gptstore.jobs.models import Job, Status
from gptstore.jobs.redis import async_client
from gptstore.jobs.wire import sse, stream
from harness.redis import RedisServer
from harness.waiting import wait_until_async
from tests.acting_run import ActingRun
from tests.jobs.sse import Heard, hear_all, joined, listen, names

Begin = Callable[..., ActingRun]
PIECES = ("汉", "字 😀", " \u2028\x85\r\n", "end ")
TEXT = "".join(PIECES)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.2)
    monkeypatch.setattr(stream, "AWAY_SECONDS", 0.02)
    monkeypatch.setattr(publisher, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def run(begin: Begin, redis_server: RedisServer) -> ActingRun:
    """A job that runs and has said nothing yet."""
    return begin()


@pytest.fixture
def queued(make_job: Callable[..., Job]) -> Job:
    return make_job()


async def until(name: str, reader: AsyncGenerator[Heard]) -> list[Heard]:
    """What is heard up to the first event of this name."""
    heard = []
    async for event in reader:
        heard.append(event)
        if event.name == name:
            return heard
    raise AssertionError(f"no {name} in {names(heard)}")


async def rest(reader: AsyncGenerator[Heard]) -> list[Heard]:
    return [event async for event in reader if event.name != ":"]


async def say(run: ActingRun, *pieces: str) -> None:
    await sync_to_async(run.say)(*pieces)


async def end(run: ActingRun) -> None:
    await sync_to_async(run.end)()


async def test_a_reader_of_a_running_job_hears_everything_in_order(run: ActingRun, redis_server: RedisServer) -> None:
    reader = listen(run.job.id)
    heard = await until("started", reader)
    await say(run, *PIECES)
    run.publisher.publish(Event(PROGRESS, {"done": 1, "total": 2, "message": "half"}))
    run.publisher.publish(Event(LOG, {"message": "a line"}))
    await end(run)
    heard += await rest(reader)
    assert names(heard) == ["started", *["output"] * 4, "progress", "log", "finished"]
    assert heard[0].data == {"attempt": 1, "worker": "w1"}
    assert heard[5].data == {"done": 1, "total": 2, "message": "half"}
    assert heard[-1].data["output"].encode() == joined(heard).encode() == TEXT.encode()
    assert (heard[-1].data["status"], heard[-1].data["id"]) == ("succeeded", str(run.job.id))
    assert heard[-1].data["urls"]["get"].startswith("http://store/api/v1/jobs/")
    assert all(event.id for event in heard)


async def test_a_reader_may_be_there_before_the_job_starts(
    queued: Job, begin: Begin, redis_server: RedisServer
) -> None:
    reader = listen(queued.id)
    assert names(await until(":", reader)) == [":"]
    run = await sync_to_async(begin)()
    await say(run, *PIECES)
    await end(run)
    assert joined(await rest(reader)) == TEXT


async def test_a_late_reader_hears_the_same(run: ActingRun, redis_server: RedisServer) -> None:
    run.say(*PIECES)
    reader = listen(run.job.id)
    await until("started", reader)
    await end(run)
    assert joined(await rest(reader)) == TEXT


async def test_a_reader_stays_while_the_database_is_away(
    run: ActingRun, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a reader of a job that runs
    reader = listen(run.job.id)
    await until("started", reader)
    # When the database goes away, the job says nothing for a while, and it ends
    look = stream.fetch_and_close
    monkeypatch.setattr(stream, "fetch_and_close", refuse)
    assert names([await anext(reader), await anext(reader)]) == [":", ":"]
    await say(run, *PIECES)
    await end(run)
    heard = await until(":", reader) + await until(":", reader)
    assert "finished" not in names(heard)
    # Then the reader hears the end when the database is back
    monkeypatch.setattr(stream, "fetch_and_close", look)
    heard += await rest(reader)
    assert heard[-1].data["output"] == joined(heard) == TEXT


def refuse(job_id: object) -> NoReturn:
    raise OperationalError("the database is away")


async def test_a_silent_stream_says_that_it_is_open(run: ActingRun, redis_server: RedisServer) -> None:
    reader = listen(run.job.id)
    await until("started", reader)
    assert names([await anext(reader), await anext(reader)]) == [":", ":"]


@pytest.mark.parametrize("place", range(5))
async def test_a_reader_goes_on_exactly_where_it_was(run: ActingRun, redis_server: RedisServer, place: int) -> None:
    # Given a reader that was cut off after any of the events
    reader = listen(run.job.id)
    everything = await until("started", reader)
    await say(run, *PIECES)
    await end(run)
    everything += await rest(reader)
    before = everything[: place + 1]
    # When it comes back and names the last one
    after = await hear_all(run.job.id, before[-1].id)
    # Then nothing is missing and nothing comes twice
    assert [*before, *after] == everything


async def test_a_reader_that_has_the_end_already_is_not_kept_waiting(
    run: ActingRun, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 60)
    run.say(*PIECES)
    await end(run)
    ((last, _fields),) = redis_server.client.xrevrange(stream_key(run.job.id), count=1)
    async with asyncio.timeout(5):
        assert names(await hear_all(run.job.id, last)) == ["reset", "started", "output", "finished"]


async def test_a_reader_goes_on_while_the_job_runs(run: ActingRun, redis_server: RedisServer) -> None:
    run.say("one ", "two ")
    reader = listen(run.job.id)
    first = [await anext(reader), await anext(reader)]
    await reader.aclose()
    await say(run, "three")
    await end(run)
    second = await hear_all(run.job.id, first[-1].id)
    assert [event.data.get("text") for event in first + second[:-1]] == [None, "one ", "two ", "three"]


@pytest.mark.parametrize("unknown", ["1-1", "9999999999999-0", "nonsense", "-", "+", "$", "(5", "\xff", "1" * 500])
async def test_a_place_that_nobody_knows_means_everything_again(
    run: ActingRun, redis_server: RedisServer, unknown: str
) -> None:
    run.say(*PIECES)
    await end(run)
    heard = await hear_all(run.job.id, unknown)
    assert names(heard)[:2] == ["reset", "started"]
    assert joined(heard) == TEXT


async def test_a_reader_that_is_cut_off_right_after_a_reset_still_gets_everything(
    run: ActingRun, redis_server: RedisServer
) -> None:
    # Given a reader that was in the middle, and came back while Redis was away: it was told to drop its text
    run.say("one ", "two ")
    reader = listen(run.job.id)
    heard = [await anext(reader), await anext(reader)]
    await reader.aclose()
    reader = listen(run.job.id, "1-1")
    heard.append(await anext(reader))
    assert heard[-1].name == "reset"
    # When it is cut off before anything else, and comes back with the last id that it was given
    await reader.aclose()
    await say(run, "three")
    await end(run)
    last = [event.id for event in heard if event.id][-1]
    # Then it has the whole text in the end
    assert joined(heard + await hear_all(run.job.id, last)) == "one two three"


async def test_every_event_has_an_id(run: ActingRun, redis_server: RedisServer) -> None:
    run.say(*PIECES)
    await end(run)
    heard = await hear_all(run.job.id, "1-1")
    redis_server.client.delete(stream_key(run.job.id))
    heard += await hear_all(run.job.id, "1-1")
    assert names(heard).count("reset") == 2
    assert all(event.id for event in heard)


async def test_a_job_that_ended_is_told_from_its_row(run: ActingRun, redis_server: RedisServer) -> None:
    run.say(*PIECES)
    await end(run)
    redis_server.client.flushall()
    heard = await hear_all(run.job.id)
    assert names(heard) == ["started", "output", "finished"]
    assert joined(heard) == heard[-1].data["output"] == TEXT


async def test_it_is_told_also_while_redis_is_away(run: ActingRun, redis_server: RedisServer) -> None:
    run.say(*PIECES)
    await end(run)
    redis_server.kill()
    assert joined(await hear_all(run.job.id)) == TEXT
    assert names(await hear_all(run.job.id, "1-1")) == ["reset", "started", "output", "finished"]


async def test_a_reader_whose_stream_expired_meanwhile_gets_everything(
    run: ActingRun, redis_server: RedisServer
) -> None:
    run.say(*PIECES)
    reader = listen(run.job.id)
    heard = [await anext(reader), await anext(reader)]
    await reader.aclose()
    await end(run)
    redis_server.client.delete(stream_key(run.job.id))
    after = await hear_all(run.job.id, heard[-1].id)
    assert names(after) == ["reset", "started", "output", "finished"]
    assert joined(heard + after) == TEXT


async def test_a_queued_job_that_is_canceled_just_finishes(queued: Job, redis_server: RedisServer) -> None:
    reader = listen(queued.id)
    await until(":", reader)
    await sync_to_async(cancel)(queued)
    (finished,) = await rest(reader)
    assert (finished.name, finished.data["status"], finished.data["output"]) == ("finished", "canceled", "")
    assert names(await hear_all(queued.id)) == ["finished"]


async def test_a_second_attempt_is_heard_as_a_reset(run: ActingRun, begin: Begin, redis_server: RedisServer) -> None:
    run.say("rubbish")
    reader = listen(run.job.id)
    heard = await until("output", reader)
    await sync_to_async(states.requeue)(run.job)
    second = await sync_to_async(begin)("w2")
    await say(second, *PIECES)
    await end(second)
    heard += await rest(reader)
    assert names(heard)[:4] == ["started", "output", "reset", "started"]
    assert heard[3].data == {"attempt": 2, "worker": "w2"}
    assert joined(heard) == TEXT


async def test_when_redis_crashes_in_the_middle_the_reader_ends_with_the_whole_text(
    run: ActingRun, redis_server: RedisServer
) -> None:
    # Given a reader in the middle of a job
    run.say("one ")
    reader = listen(run.job.id)
    heard = await until("output", reader)
    # When Redis dies, the job goes on, and Redis comes back empty
    redis_server.kill()
    await say(run, "two ")
    heard += await until(":", reader)
    redis_server.start()
    await say(run, "three")
    await end(run)
    # Then the reader was told to begin again
    heard += await rest(reader)
    assert "reset" in names(heard)
    assert joined(heard) == heard[-1].data["output"] == "one two three"


async def test_when_redis_stays_away_the_reader_gets_the_end_from_the_row(
    run: ActingRun, redis_server: RedisServer
) -> None:
    run.say("one ")
    reader = listen(run.job.id)
    heard = await until("output", reader)
    redis_server.kill()
    await say(run, "two")
    await end(run)
    heard += await rest(reader)
    assert joined(heard) == heard[-1].data["output"] == "one two"
    assert names(heard)[-1] == "finished"


async def test_a_flush_in_the_middle_loses_nothing(run: ActingRun, redis_server: RedisServer) -> None:
    run.say("one ", "two ")
    reader = listen(run.job.id)
    heard = await until("output", reader)
    redis_server.client.flushall()
    await say(run, "three ", "four")
    await end(run)
    heard += await rest(reader)
    assert joined(heard) == "one two three four"


async def test_when_the_end_was_never_published_the_row_tells_it(run: ActingRun, redis_server: RedisServer) -> None:
    run.say(*PIECES)
    reader = listen(run.job.id)
    heard = await until("output", reader)
    await sync_to_async(states.finish)(run.job, Outcome(Status.SUCCEEDED, TEXT, Usage(1, 4)))
    heard += await rest(reader)
    assert names(heard)[-1] == "finished"
    assert joined(heard) == TEXT


async def test_what_redis_lost_before_the_end_is_made_good(run: ActingRun, redis_server: RedisServer) -> None:
    # Given a reader of a stream that lacks the last part of the text
    run.say("one ")
    reader = listen(run.job.id)
    heard = await until("output", reader)
    # When the stream says that this is the end
    await sync_to_async(states.finish)(run.job, Outcome(Status.SUCCEEDED, "one two", Usage(1, 2)))
    redis_server.client.xadd(stream_key(run.job.id), {"event": "finished", "data": "{}"})
    # Then the reader is sent everything
    after = await rest(reader)
    assert names(after) == ["reset", "started", "output", "finished"]
    assert joined(heard + after) == "one two"


async def test_it_is_made_good_also_for_a_reader_who_came_back(run: ActingRun, redis_server: RedisServer) -> None:
    # Given a reader who was cut off and goes on
    run.say("one ", "two ")
    reader = listen(run.job.id)
    heard = [await anext(reader), await anext(reader)]
    await reader.aclose()
    reader = listen(run.job.id, heard[-1].id)
    heard += [await anext(reader)]
    # When Redis loses everything, the worker too, and the job ends with nothing
    redis_server.client.flushall()
    await sync_to_async(states.finish)(run.job, Outcome(Status.CANCELED, "", Usage(0, 0)))
    await sync_to_async(publish_finished)(run.job.id)
    # Then the reader has what is stored
    after = await rest(reader)
    assert names(after) == ["reset", "started", "finished"]
    assert joined(heard) == "one two "
    assert joined(heard + after) == after[-1].data["output"] == ""


async def test_no_database_connection_is_held_while_the_stream_idles(run: ActingRun, redis_server: RedisServer) -> None:
    reader = listen(run.job.id)
    await until("started", reader)
    assert await sync_to_async(lambda: connection.connection)() is None
    await until(":", reader)
    await until(":", reader)
    assert await sync_to_async(lambda: connection.connection)() is None


async def test_a_reader_that_goes_away_leaves_no_connection_to_redis(run: ActingRun, redis_server: RedisServer) -> None:
    before = connected(redis_server)
    readers = [asyncio.create_task(hear_all(run.job.id)) for _ in range(3)]
    await wait_until_async(lambda: is_connected(redis_server, before + 3), "three more connections", 5, every=0.01)
    for reader in readers:
        reader.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(*readers, return_exceptions=True)
    await wait_until_async(lambda: is_connected(redis_server, before), "the end of the connections", 5, every=0.01)


AFTER_ALL = "9999999999999-0"


async def test_a_reader_may_go_away_at_any_moment(
    run: ActingRun, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 60.0)
    for turns in range(60):
        client = async_client(10)
        reader = asyncio.create_task(stream.read_entries(client, run.job, AFTER_ALL))
        for _ in range(turns % 30):
            await asyncio.sleep(0)  # each turn takes it a little further into connecting, asking and waiting
        reader.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait({reader})
            await client.aclose()


async def test_a_reader_that_stops_between_two_events_leaves_none_either(
    run: ActingRun, redis_server: RedisServer
) -> None:
    run.say(*PIECES)
    before = connected(redis_server)
    reader = sse.write_events(run.job.id, None, "http://store")
    await anext(reader), await anext(reader)
    assert connected(redis_server) == before + 1
    await reader.aclose()
    await wait_until_async(lambda: is_connected(redis_server, before), "the end of the connection", 5, every=0.01)


async def is_connected(redis_server: RedisServer, count: int) -> bool:
    return connected(redis_server) == count


def connected(redis_server: RedisServer) -> int:
    clients: int = redis_server.client.info("clients")["connected_clients"]
    return clients


async def test_nothing_in_an_event_ends_its_line_early() -> None:
    text = "a\r\nb\rc\nd\u2028e\u2029f\x85g\x0bh"
    block = sse.as_sse(Event("output", {}, id="1-0"), {"text": text})
    assert block.splitlines()[:2] == ["id: 1-0", "event: output"]
    assert len(block.splitlines()) == 4


def test_the_response_is_a_stream_that_nobody_buffers(make_job: Callable[..., Job]) -> None:
    response = sse.sse_response(make_job(), None, "http://store")
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Accel-Buffering"] == "no"
    assert response.is_async


async def test_a_reader_hears_nothing_of_a_run_that_lost_its_job(
    run: ActingRun, begin: Begin, redis_server: RedisServer
) -> None:
    # Given a second attempt, while the first one's worker was frozen
    await sync_to_async(states.requeue)(run.job)
    second = await sync_to_async(begin)("w2")
    await say(second, "one ")
    # When the first goes on, before it hears that the job is another's, and then the second
    await say(run, "stale ")
    await say(second, "two ")
    reader = listen(run.job.id)
    heard = await until("output", reader)
    while joined(heard) != "one two ":
        heard += await until("output", reader)
    await reader.aclose()
    # Then a reader hears the second alone, and so does one who comes back
    await say(run, "and stale again ")
    await end(second)
    heard += await hear_all(run.job.id, heard[-1].id)
    assert joined(heard) == "one two "
    assert not [event for event in heard if event.name == "output" and "stale" in event.data["text"]]


async def test_the_stream_of_a_job_that_is_deleted_with_its_owner_ends(
    queued: Job, owner: User, redis_server: RedisServer
) -> None:
    reader = listen(queued.id)
    assert (await anext(reader)).name == ":"

    await sync_to_async(delete_owner)(owner)

    async with asyncio.timeout(60):
        assert await rest(reader) == []


async def test_the_stream_of_a_job_that_is_deleted_meanwhile_ends(run: ActingRun, redis_server: RedisServer) -> None:
    reader = listen(run.job.id)
    await until("started", reader)
    await Job.objects.filter(id=run.job.id).adelete()
    assert await rest(reader) == []
    assert await hear_all(run.job.id) == []
