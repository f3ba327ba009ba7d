"""What a run publishes, and that no text is lost whatever Redis does."""

from collections.abc import Callable

import pytest

from gptstore.jobs.events import event_writer, publisher
from gptstore.jobs.events.events import LOG, OUTPUT, PROGRESS, Event, gather_output, stream_key
from gptstore.jobs.lifecycle import states
from harness.redis import RedisServer
from tests.acting_run import ActingRun

Begin = Callable[..., ActingRun]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "PAUSE_SECONDS", 0.0)


def stream(redis: RedisServer, run: ActingRun) -> list[Event]:
    return [Event.decode(entry, fields) for entry, fields in redis.client.xrange(stream_key(run.job.id))]


def shown(redis: RedisServer, run: ActingRun) -> list[tuple[str, object]]:
    return [(event.name, event.data.get("text", event.data.get("message"))) for event in stream(redis, run)]


def test_events_lie_in_the_order_in_which_they_were_said(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    run.say("汉", "字 😀\n")
    run.publisher.publish(Event(PROGRESS, {"done": 1, "total": 2, "message": "half"}))
    run.publisher.publish(Event(LOG, {"message": "a line"}))
    run.say("\r\n\u2028end ")
    run.end()
    said = [
        ("started", None),
        ("output", "汉"),
        ("output", "字 😀\n"),
        ("progress", "half"),
        ("log", "a line"),
        ("output", "\r\n\u2028end "),
        ("finished", None),
    ]
    assert shown(redis_server, run) == said
    assert stream(redis_server, run)[0].data == {"attempt": 1, "worker": "w1"}


def test_joined_output_is_what_was_stored(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    run.say("a", "汉", "😀", "\u2028", "\r\n", " ", "\n")
    run.end()
    run.job.refresh_from_db()
    joined = "".join(event.data["text"] for event in stream(redis_server, run) if event.name == OUTPUT)
    assert joined.encode() == run.job.output.encode()
    assert sum(event.tokens for event in stream(redis_server, run)) == run.job.completion_tokens == 7


def test_the_stream_expires(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    assert 3000 < redis_server.client.ttl(stream_key(run.job.id)) <= 3600


def test_after_a_crash_of_redis_the_whole_text_follows_a_reset(begin: Begin, redis_server: RedisServer) -> None:
    # Given a run whose Redis dies with everything in it
    run = begin()
    run.say("one ")
    redis_server.kill()
    # When it goes on, without and then with Redis
    run.say("two ")
    redis_server.start()
    run.say("three ", "four")
    run.end()
    # Then readers are told to begin again, and miss nothing
    assert shown(redis_server, run) == [
        ("reset", None),
        ("started", None),
        ("output", "one two three "),
        ("output", "four"),
        ("finished", None),
    ]
    assert gather_output(stream(redis_server, run)).tokens == 4


def test_when_redis_comes_back_only_for_the_end_the_end_has_everything(
    begin: Begin, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin()
    run.say("one ")
    redis_server.kill()
    run.say("two")
    redis_server.start()
    monkeypatch.setattr(publisher, "PAUSE_SECONDS", 60)  # the end does not wait for the pause to be over
    run.end()
    assert gather_output(stream(redis_server, run)).text == "one two"
    assert shown(redis_server, run)[-1] == ("finished", None)


def test_while_redis_is_away_it_is_not_asked_for_every_token(
    begin: Begin, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PAUSE_SECONDS", 60)
    run = begin()
    redis_server.kill()
    run.say("one")
    tries: list[str] = []
    monkeypatch.setattr(event_writer, "sync_client", lambda: tries.append("asked"))
    run.say(*"many more")
    assert tries == []
    assert run.publisher.text == "onemany more"


def test_a_flushed_redis_is_noticed_at_the_next_word(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    run.say("one ", "two ")
    redis_server.client.flushall()
    run.say("three ")
    run.say("four")
    assert gather_output(stream(redis_server, run)).text == "one two three four"


def test_a_redis_flushed_just_before_the_end_is_noticed_before_finished(
    begin: Begin, redis_server: RedisServer
) -> None:
    run = begin()
    run.say("one ", "two")
    redis_server.client.flushall()
    run.end()
    assert [name for name, _ in shown(redis_server, run)] == ["reset", "started", "output", "finished"]
    assert gather_output(stream(redis_server, run)).text == "one two"


def test_a_second_attempt_tells_readers_to_drop_the_first(begin: Begin, redis_server: RedisServer) -> None:
    first = begin("w1")
    first.say("rubbish")
    states.requeue(first.job)
    second = begin("w2")
    second.say("good")
    events = stream(redis_server, second)
    assert [event.name for event in events] == ["started", "output", "reset", "started", "output"]
    assert events[3].data == {"attempt": 2, "worker": "w2"}
    assert gather_output(events).text == "good"


def test_a_second_attempt_says_so_also_when_redis_has_forgotten_the_first(
    begin: Begin, redis_server: RedisServer
) -> None:
    # Given a reader who has heard of the first attempt
    first = begin("w1")
    first.say("rubbish")
    # When Redis loses everything before the second one begins
    redis_server.client.flushall()
    states.requeue(first.job)
    begin("w2")
    # Then the reader is told all the same
    assert [name for name, _ in shown(redis_server, first)] == ["reset", "started"]


def test_a_run_that_lost_its_job_cannot_spoil_what_readers_end_with(begin: Begin, redis_server: RedisServer) -> None:
    # Given two runs of one job at the same time: the first does not know yet that it lost it
    first = begin("w1")
    states.requeue(first.job)
    second = begin("w2")
    # When both publish
    second.say("good ")
    first.say("stray")
    second.say("text")
    first.say("stray again")
    second.end()
    # Then the text before `finished` is the owner's
    assert gather_output(stream(redis_server, second)).text == "good text"
