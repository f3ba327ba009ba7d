"""Runs of a release's examples, which leave nothing behind but what they said."""

from collections.abc import Callable

import pytest
from redis import Redis

from gptstore.jobs.models import Job
from gptstore.releases.check_report import Ran
from gptstore.sdk import Tool
from harness.redis import RedisServer
from tests.worker import tools
from tests.worker.conftest import Workshop
from worker.engine.protocol import Engine
from worker.jobs.example_run import run_example

pytestmark = pytest.mark.django_db(transaction=True)


def ran(workshop: Callable[..., Workshop], tool: Tool, **given: object) -> Ran:
    here = workshop(tool)
    return run_example(here.add(tool), given or {"text": "a b c"}, "", here.node.engine, here.node.host, owner=1)


def test_it_says_what_the_run_took(workshop: Callable[..., Workshop]) -> None:
    found = ran(workshop, tools.echo)

    assert (found.error, found.output) == ("", "a b c ")
    assert (found.prompt_tokens, found.completion_tokens) == (3, 3)
    assert found.seconds > 0


def test_it_leaves_no_row_and_no_event(workshop: Callable[..., Workshop], redis_server: RedisServer) -> None:
    ran(workshop, tools.echo)

    assert not Job.objects.exists()
    with Redis.from_url(redis_server.url) as redis:
        assert [key for key in redis.scan_iter() if b"job" in key] == []


def test_an_input_that_does_not_fit_runs_nothing(workshop: Callable[..., Workshop]) -> None:
    assert "does not fit" in ran(workshop, tools.echo, word="a").error


def test_it_says_that_the_tool_crashed(workshop: Callable[..., Workshop]) -> None:
    assert "fault in its own code" in ran(workshop, tools.crash).error


def test_it_says_that_the_time_was_up(workshop: Callable[..., Workshop], open_engine: Callable[..., Engine]) -> None:
    here = workshop(tools.brief, engine=open_engine(delay_s=0.2))

    found = run_example(here.add(tools.brief), {"text": "word " * 100}, "", here.node.engine, here.node.host, owner=1)

    assert "1 second" in found.error
    assert found.output.startswith("word word ")
