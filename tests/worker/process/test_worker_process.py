"""What a worker process runs, what it says of itself, and what becomes of a job that it could not begin."""

from collections.abc import Callable
from typing import Any

import pytest

from gptstore.jobs.models import Status
from gptstore.jobs.sender import sender
from gptstore.sdk.plugins import BrokenPlugin, Loaded
from harness.rows import make_job
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.tools import echo
from worker.engine.protocol import Engine
from worker.hosts.inprocess import InProcessHost
from worker.process import worker_process
from worker.process.open_host import HostSetup
from worker.process.release_plan import ReleasePlan
from worker.process.worker_process import WorkerProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tool_that_is_another_plugins_in_the_catalogue_is_not_run(workshop: Callable[..., Workshop]) -> None:
    # Given a worker whose plugin offers a tool that another plugin had first
    shop = workshop(echo)
    row = shop.add(echo)
    row.plugin = "first"
    row.save()
    job = make_job(shop.owner, row, input={"text": "a"})
    # Then it neither offers nor runs it
    assert shop.node.info.tools == []
    assert not shop.node.run_next()
    job.refresh_from_db()
    assert job.status == Status.QUEUED
    # Until an admin hands it over
    row.plugin = "p"
    row.save()
    assert shop.node.info.tools == ["echo"]
    assert shop.node.run_next()


def test_a_plugin_that_cannot_be_imported_is_shown_with_its_reason(open_engine: Callable[..., Engine]) -> None:
    host = InProcessHost(Loaded([], [BrokenPlugin("acme-broken", "RuntimeError: no such luck")]))
    worker = WorkerProcess(
        "w1", open_engine(), HostSetup(host, plan=ReleasePlan({}, {"acme-refused": "Too low a level."}))
    )
    refused = {"acme-refused": "Too low a level.", "acme-broken": "RuntimeError: no such luck"}
    assert worker.info.refused == refused


def test_a_claimed_job_whose_run_cannot_be_made_fails_at_once(
    workshop: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    here = workshop(tools.echo)
    monkeypatch.setattr(worker_process, "Run", fail)
    job = here.run(tools.echo)
    sender().wanted.join()
    assert (job.status, job.error_code, job.output) == (Status.FAILED, "internal_error", "")
    assert [event.name for event in here.events(job)] == ["finished"]
