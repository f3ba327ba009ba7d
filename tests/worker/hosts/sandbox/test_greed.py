"""Jobs whose tool takes more than it may, in the sandbox, from the queue to the stored end."""

from collections.abc import Iterable, Iterator
from itertools import count
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool as ToolRow
from gptstore.jobs.models import Job, Status
from harness.hostile.gptstore_hostile.greedy import take
from harness.hostile.gptstore_hostile.neighbour import repeat
from harness.plugins import HOSTILE
from harness.redis import RedisServer
from tests.worker.conftest import Workshop
from tests.worker.hosts.sandbox.test_harm import assert_nothing_is_left
from tests.worker.limit_cases import OWN, SITE
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.protocol import Request
from worker.hosts.sandbox.sandbox import Sandbox
from worker.process.open_host import HostSetup
from worker.process.worker_process import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.landlock]


def say(request: Request) -> Iterable[str]:
    """Three words to a neighbour, and to others more and more."""
    words = str(request.prompt).split()
    return [f"{word} " for word in words] if "neighbour" in words else (f"{number} " for number in count(1))


@pytest.fixture
def here(owner: User, redis_server: RedisServer, sandbox: Sandbox) -> Iterator[Workshop]:
    """A worker's node whose tools run in the sandbox."""
    engine = ScriptedEngine(say, delay_s=0.001)
    here = Workshop(owner, redis_server, WorkerProcess("w1", engine, HostSetup(sandbox)))
    for tool in (take, repeat):
        row = here.add(tool)
        row.plugin = HOSTILE
        row.save()
    yield here
    engine.close()


def work(node: WorkerProcess) -> None:
    try:
        node.run_next()
    finally:
        connection.close()


def allow(**limits: int) -> None:
    """As if its author had declared it."""
    ToolRow.objects.filter(slug="take").update(limits=limits)


def run(here: Workshop, **data: Any) -> Job:
    """A run of the greedy tool after its end. Beside it ran others of its plugin, and nothing came of it for them."""
    host = here.node.host
    assert isinstance(host, Sandbox)
    process = host.supervisors[0].process
    job, *neighbours = [here.submit(take, **data), *(here.submit(repeat, text=f"neighbour {n}") for n in range(3))]
    threads = [Thread(target=work, args=[here.node]) for _ in (job, *neighbours)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for number, neighbour in enumerate(neighbours):
        neighbour.refresh_from_db()
        assert (neighbour.status, neighbour.output) == (Status.SUCCEEDED, f"neighbour {number} ")
    assert host.supervisors[0].process is process
    assert_nothing_is_left(host)
    assert here.node.engine.stats().running == 0
    job.refresh_from_db()
    assert job.output == here.spoken(job)
    return job


@pytest.mark.parametrize("what", OWN)
@pytest.mark.parametrize("then", ["end", "go on", "lie"])
def test_what_its_author_allowed_ends_a_run(what: str, then: str, here: Workshop) -> None:
    limits, words = OWN[what]
    allow(**limits)
    job = run(here, what=what, then=then)
    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert words in job.error_message
    assert f"its author ({next(iter(limits))})" in job.error_message
    assert job.output.startswith("before ")


@pytest.mark.parametrize("what", SITE)
def test_what_the_site_allows_ends_a_run_whose_tool_allows_more(what: str, here: Workshop, settings: Any) -> None:
    setting, most, words = SITE[what]
    settings.ENV = settings.ENV.model_copy(update={setting: most})
    allow(max_output_bytes=10**9, max_log_lines=10**9, max_model_tokens=10**9)
    job = run(here, what=what)
    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert words in job.error_message
    assert f"GPTSTORE_{setting.upper()}" in job.error_message


def test_memory_ends_a_run(here: Workshop) -> None:
    allow(max_memory_mb=50)
    job = run(here, what="memory")
    assert (job.status, job.error_code, job.output) == (Status.FAILED, "limit_exceeded", "before ")
    assert "50 MB of memory" in job.error_message
    assert "its author (max_memory_mb)" in job.error_message


def test_disk_ends_a_run(here: Workshop) -> None:
    allow(max_disk_mb=5)
    job = run(here, what="files", times=10, then="stay")
    assert (job.status, job.error_code, job.output) == (Status.FAILED, "limit_exceeded", "before ")
    assert "keep 5 MB on disk" in job.error_message
    assert "its author (max_disk_mb)" in job.error_message
