"""An engine that dies by itself, in a real worker: the process ends, and another one does all of its jobs."""

from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status, Worker
from harness.redis import RedisServer
from harness.rows import make_tool
from harness.waiting import wait_until
from tests.integration.conftest import Crew
from tests.integration.watching import Installed, events

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SABOTEUR = '''
"""A tool that ends the engine's thread, as a fault of the device would. It does so once: then `marker` exists."""

import ctypes
import threading
from collections.abc import Iterator
from pathlib import Path

from gptstore.sdk import Context, hookimpl, tool


@tool
def sabotage(ctx: Context, marker: str) -> Iterator[str]:
    """Breaks the engine."""
    if not Path(marker).exists():
        Path(marker).touch()
        (engine,) = (thread for thread in threading.enumerate() if thread.name == "engine")
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(engine.ident), ctypes.py_object(SystemExit))
    yield from ctx.model.stream("Once upon a time", max_tokens=20)


@hookimpl
def gptstore_tools() -> list:
    return [sabotage]
'''


@pytest.fixture
def saboteur(crew: Crew, installed: Installed, tmp_path: Path) -> Tool:
    """The tool, installed for workers that start from now on."""
    (tmp_path / "saboteur.py").write_text(SABOTEUR)
    about = tmp_path / "saboteur-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: saboteur\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[gptstore]\nsaboteur = saboteur\n")
    crew.site.environment |= {
        "PYTHONPATH": str(tmp_path),
        "GPTSTORE_SANDBOX": "false",
    }  # it could not do this from there
    schema = {"type": "object", "properties": {"marker": {"type": "string"}}, "required": ["marker"]}
    return make_tool("sabotage", input_schema=schema, version="1.0", plugin="saboteur")


def test_a_worker_whose_engine_dies_ends_and_another_does_its_jobs(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, saboteur: Tool, tmp_path: Path
) -> None:
    # Given a worker with jobs in the middle
    worker = crew.ensure()
    passage = {"text": "The sea was calm. " * 60, "source": "en", "target": "de"}
    jobs = [submit(owner, installed("translator"), passage) for _ in range(6)]
    wait_until(lambda: all(events(redis_server, job) for job in jobs), "an event of each job")
    # When its engine dies
    jobs.append(submit(owner, saboteur, {"marker": str(tmp_path / "marker")}))
    status = worker.popen.wait(60)
    # Then the process has ended, with a status that a supervisor takes for a failure, and says why
    assert status == 1, worker.text
    assert "engine_died" in worker.text
    assert not Worker.objects.exists()
    waiting = Job.objects.filter(status=Status.QUEUED, worker="", attempt=1)
    assert waiting.count() + Job.objects.filter(status=Status.SUCCEEDED).count() == len(jobs)
    assert jobs[-1] in waiting
    # When it is started again, then every job ends well
    crew.ensure()
    wait_until(lambda: Job.objects.filter(status=Status.SUCCEEDED).count() == len(jobs), "success of all jobs")
    jobs[-1].refresh_from_db()
    assert jobs[-1].attempt == 2
    assert jobs[-1].output
